import type { Picture } from './picture.js';

/**
 * The code along the top edge of a numbered clip: sixteen squares across the whole width, white for one, highest
 * bit first. Twelve bits of number, then four of check. Squares are so large that the code outlives any JPEG
 * quality and scaling down to 64 pixels.
 */
const SQUARES = 16;
/** Share of the picture's height that the squares take. */
const STRIP_HEIGHT = 1 / 9;

/** ffmpeg's input arguments and filter graph for a clip whose every frame carries its number, from 0 on. */
export function numberedFrames(size: { width: number; height: number; fps: number }): string[] {
  const { width, height, fps } = size;
  const stripHeight = height * STRIP_HEIGHT;
  if (!Number.isInteger(stripHeight / 2)) throw new Error(`Expected a height that 18 divides but received ${height}`);
  // One pixel pair per square, scaled up afterwards: geq evaluates its expression for every pixel.
  const bit = String.raw`mod(floor((N*16+mod(N+floor(N/16)+floor(N/256)+5\,16))/pow(2\,15-X))\,2)`;
  const strip =
    `nullsrc=size=${SQUARES}x2:rate=${fps},format=yuv444p,geq=lum='if(${bit}\\,235\\,16)':cb=128:cr=128,` +
    `scale=${width}:${stripHeight}:flags=neighbor`;
  // testsrc2 draws the time code and the number for people; its noise and edges give a PSNR something to find. Its
  // pure colours are toned down to what RGB can hold after any rounding, or the comparison would measure clipping.
  const scene = `testsrc2=size=${width}x${height - stripHeight}:rate=${fps},eq=contrast=0.85:saturation=0.5`;
  return ['-f', 'lavfi', '-i', scene, '-f', 'lavfi', '-i', strip, '-filter_complex', '[1][0]vstack'];
}

/** The number that the picture carries; undefined where no valid code is found. */
export function readFrameNumber(picture: Picture): number | undefined {
  let code = 0;
  for (let square = 0; square < SQUARES; square++) {
    const level = greenAt(picture, (square + 0.5) / SQUARES, STRIP_HEIGHT / 2);
    // A grey square is no bit at all: concealment and missing references paint in grey.
    if (level > 64 && level < 192) return undefined;
    code = code * 2 + (level >= 192 ? 1 : 0);
  }
  const number = code >> 4;
  return (code & 15) === checkOf(number) ? number : undefined;
}

/** The sum of the number's nibbles; the 5 keeps all-black and all-white from being valid. */
function checkOf(number: number): number {
  return (number + (number >> 4) + (number >> 8) + 5) & 15;
}

function greenAt(picture: Picture, x: number, y: number): number {
  const column = Math.floor(x * picture.width);
  const row = Math.floor(y * picture.height);
  return picture.rgb[(row * picture.width + column) * 3 + 1]!;
}
