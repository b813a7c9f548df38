import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { agesOf } from '../../bench/support/picture-clock.js';

const SIZE = { width: 320, height: 180 };
const CLIP = { path: 'none', ...SIZE, fps: 25, frames: 500 };
/** Along the top: twelve bits of number and four of check, as test/support/frame-number.ts describes them. */
const SQUARES = 16;
const STRIP_HEIGHT = SIZE.height / 9;

/** A grey picture that carries a code, as a JPEG. */
function picture(code: number): Promise<Buffer> {
  const pixels = Buffer.alloc(SIZE.width * SIZE.height * 3, 128);
  for (let y = 0; y < STRIP_HEIGHT; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      const bit = SQUARES - 1 - Math.floor((x * SQUARES) / SIZE.width);
      pixels.fill((code >> bit) & 1 ? 235 : 16, (y * SIZE.width + x) * 3, (y * SIZE.width + x + 1) * 3);
    }
  }
  return sharp(pixels, { raw: { ...SIZE, channels: 3 } })
    .jpeg({ quality: 50 })
    .toBuffer();
}

/** Frame 419 is 0x1a3, and 1 + 10 + 3 + 5 is 3 beyond the nibble. */
const FRAME = 419;
const CODE = 0x1a33;

function sentAtMs(frame: number, atMs: number): readonly (readonly number[])[] {
  return [Array.from({ length: CLIP.frames }, (_, index) => (index === frame ? atMs : 0))];
}

async function ageOf(code: number, atMs: number, frameSentAtMs: number): Promise<readonly number[]> {
  return agesOf([{ camera: 0, jpeg: await picture(code), atMs }], CLIP, sentAtMs(FRAME, frameSentAtMs));
}

describe('the age of a picture', () => {
  it('is from the sending of the frame whose number it carries', async () => {
    assert.deepEqual(await ageOf(CODE, 1030, 1000), [30]);
  });

  it('counts to the last sending before it came, when the clip has gone round since', async () => {
    assert.deepEqual(await ageOf(CODE, 1030, 1000 + 20_000), [30]);
  });

  it('is left out where the check says that the number is none', async () => {
    assert.deepEqual(await ageOf(CODE ^ 1, 1030, 1000), []);
  });
});
