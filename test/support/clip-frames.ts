import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Picture } from './picture.js';

const BEAMCODER_DECODE = fileURLToPath(new URL('./beamcoder-decode.js', import.meta.url));

/** Planar 4:2:0 in full-range BT.601, which is what a JPEG holds: Y, then Cb, then Cr. */
export type JfifPlanes = Buffer;

/**
 * The first `count` pictures of a yuv420p clip in limited-range BT.601, decoded by something that is not ours, and
 * brought to the range that a JPEG has.
 */
export async function referenceFrames(
  decoder: 'ffmpeg' | 'beamcoder',
  clip: { path: string; width: number; height: number },
  count: number,
): Promise<JfifPlanes[]> {
  const [command, args]: [string, string[]] =
    decoder === 'ffmpeg'
      ? ['ffmpeg', ['-v', 'error', '-i', clip.path, '-frames:v', `${count}`, '-f', 'rawvideo', '-']]
      : [process.execPath, [BEAMCODER_DECODE, clip.path, `${count}`]];
  const frameSize = clip.width * clip.height * 1.5;
  const raw = await outputOf(command, args);
  // The exit code is no part of it: beamcoder may crash once all is written.
  if (raw.length !== frameSize * count) {
    throw new Error(
      `Expected ${count} pictures of ${frameSize} bytes from ${decoder} but received ${raw.length} bytes`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    toFullRange(raw.subarray(index * frameSize, (index + 1) * frameSize), clip.width * clip.height),
  );
}

/** The picture as a JPEG holds it. Chroma is the mean of each two by two pixels, as BT.601 4:2:0 in JFIF has it. */
export function toJfifPlanes({ width, height, rgb }: Picture): JfifPlanes {
  const planes = Buffer.alloc(width * height * 1.5);
  const chroma = (width / 2) * (height / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      planes[y * width + x] = clamp(0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!);
    }
  }
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < width / 2; x++) {
      const [red, green, blue] = meanOfFour(rgb, width, x * 2, y * 2);
      const at = width * height + y * (width / 2) + x;
      planes[at] = clamp(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue);
      planes[at + chroma] = clamp(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue);
    }
  }
  return planes;
}

function meanOfFour(rgb: Buffer, width: number, x: number, y: number): [number, number, number] {
  const upper = (y * width + x) * 3;
  const lower = upper + width * 3;
  const mean = (channel: number): number =>
    (rgb[upper + channel]! + rgb[upper + 3 + channel]! + rgb[lower + channel]! + rgb[lower + 3 + channel]!) / 4;
  return [mean(0), mean(1), mean(2)];
}

function toFullRange(planes: Buffer, lumaSamples: number): JfifPlanes {
  return Buffer.from(
    planes.map((value, index) =>
      clamp(index < lumaSamples ? ((value - 16) * 255) / 219 : ((value - 128) * 255) / 224 + 128),
    ),
  );
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

async function outputOf(command: string, args: string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await once(child, 'close');
  if (chunks.length === 0) throw new Error(`Expected pictures from ${command} but it wrote: ${errors}`);
  return Buffer.concat(chunks);
}
