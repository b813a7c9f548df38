import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { transcodeJpeg } from '../../services/jpeg/picture-format.js';

/** A gradient: one that is flat would not tell qualities apart. */
async function drawJpeg(): Promise<Buffer> {
  const [width, height] = [160, 96];
  const rgb = Buffer.from(Array.from({ length: width * height * 3 }, (_, at) => (at * 7 + (at >> 5) * 3) & 255));
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

for (const { format, name, brand } of [
  { format: 'webp', name: 'webp', brand: { at: 8, text: 'WEBP' } },
  { format: 'avif', name: 'heif', brand: { at: 4, text: 'ftypavif' } },
] as const) {
  test(`${format}: the same picture, smaller the lower the quality`, async () => {
    const jpeg = await drawJpeg();
    const sizes: number[] = [];
    for (const quality of [20, 60, 100]) {
      const picture = await transcodeJpeg(jpeg, format, quality);
      assert.equal(picture.toString('latin1', brand.at, brand.at + brand.text.length), brand.text);
      const metadata = await sharp(picture).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], [name, 160, 96]);
      sizes.push(picture.length);
    }
    assert.ok(sizes[0]! < sizes[1]! && sizes[1]! < sizes[2]!, sizes.join());
    const usual = await transcodeJpeg(jpeg, format, undefined);
    assert.ok(usual.length > sizes[0]! && usual.length < sizes[2]!, `${usual.length} of ${sizes.join()}`);
  });

  test(`${format}: what is no JPEG is an error with a code`, async () => {
    await assert.rejects(transcodeJpeg(Buffer.from('no picture'), format, 80), { code: 'ERR_ENCODE_FAILED' });
  });
}

test('avif has the chroma of the JPEG, 4:2:0', async () => {
  const avif = await transcodeJpeg(await drawJpeg(), 'avif', 80);
  // AV1 in ISOBMFF 2.3.3: the third byte of av1C has, from bit 4 on, monochrome and the subsampling of x and y.
  assert.equal(avif.readUInt8(avif.indexOf('av1C') + 6) & 0x1c, 0x0c);
});
