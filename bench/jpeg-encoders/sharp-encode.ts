// node sharp-encode.js <clip.rgb> <WxH> <quality> <out>: encodes the clip's frames by sharp in four ways, and leaves
// the pictures and the CPU time of one frame (ms) in <out> for compare.cc, which makes the tables.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const PASSES = 15;
const THUMBNAIL_WIDTH = 320;

const variants = {
  plain: { optimiseCoding: false, width: undefined },
  optimised: { optimiseCoding: true, width: undefined },
  small: { optimiseCoding: false, width: THUMBNAIL_WIDTH },
  'small-optimised': { optimiseCoding: true, width: THUMBNAIL_WIDTH },
};

const [clipPath, size, quality, outDir] = process.argv.slice(2);
const [width, height] = (size ?? '').split('x').map(Number);
if (!clipPath || !width || !height || !quality || !outDir) {
  throw new Error('Expected: sharp-encode.js <clip.rgb> <WxH> <quality> <out>');
}

// As the server would call it: one thread per picture, and no picture twice.
sharp.concurrency(1);
sharp.cache(false);
await mkdir(outDir, { recursive: true });

const clip = await readFile(clipPath);
const frameBytes = width * height * 3;
const frames = Array.from({ length: clip.length / frameBytes }, (_, index) =>
  clip.subarray(index * frameBytes, (index + 1) * frameBytes),
);

for (const [name, variant] of Object.entries(variants)) {
  const encode = (frame: Buffer): Promise<Buffer> =>
    sharp(frame, { raw: { width, height, channels: 3 } })
      .resize(variant.width)
      .jpeg({ quality: Number(quality), optimiseCoding: variant.optimiseCoding, chromaSubsampling: '4:2:0' })
      .toBuffer();

  for (const [index, frame] of frames.entries()) {
    await writeFile(path.join(outDir, `${name}.${index}.jpg`), await encode(frame));
  }

  const passes: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const start = process.cpuUsage();
    for (const frame of frames) await encode(frame);
    const { user, system } = process.cpuUsage(start);
    passes.push((user + system) / 1000 / frames.length);
  }
  passes.sort((a, b) => a - b);
  await writeFile(path.join(outDir, `${name}.ms`), `${passes[Math.floor(PASSES / 2)]}\n`);
}
