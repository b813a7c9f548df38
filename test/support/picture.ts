import sharp from 'sharp';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Interleaved 8-bit sRGB, rows without padding. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Buffer;
}

/** The only decoder of our JPEGs in these tests; none of the product's own code takes part. */
export async function decodeJpeg(jpeg: Uint8Array): Promise<Picture> {
  const image = sharp(jpeg, { failOn: 'warning' });
  const { format } = await image.metadata();
  if (format !== 'jpeg') throw new Error(`Expected a JPEG but received ${format}`);
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

/** Mean colour of the rectangle, which is given in fractions of the picture so that it survives scaling. */
export function meanColour(picture: Picture, area: { left: number; top: number; width: number; height: number }): Rgb {
  const left = Math.round(area.left * picture.width);
  const top = Math.round(area.top * picture.height);
  const right = Math.max(left + 1, Math.round((area.left + area.width) * picture.width));
  const bottom = Math.max(top + 1, Math.round((area.top + area.height) * picture.height));
  const sums: [number, number, number] = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * picture.width + x) * 3;
      sums[0] += picture.rgb[at]!;
      sums[1] += picture.rgb[at + 1]!;
      sums[2] += picture.rgb[at + 2]!;
    }
  }
  const count = (right - left) * (bottom - top);
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}

/** Largest difference in any of the three channels. */
export function colourDistance(one: Rgb, other: Rgb): number {
  return Math.max(...one.map((value, channel) => Math.abs(value - other[channel]!)));
}

/** Peak signal-to-noise ratio of equally long 8-bit samples in dB; Infinity when they are the same. */
export function psnr(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) {
    throw new Error(`Expected ${one.length} samples to compare but received ${other.length}`);
  }
  let squares = 0;
  for (let i = 0; i < one.length; i++) squares += (one[i]! - other[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * one.length) / squares);
}
