import type { DecodedFrame, EncodeOptions } from '../stream/decode-backend.js';
import { isWholePicture, requireCropInside } from '../stream/encode-options.js';
import type { PictureFormat } from './picture-format.js';

/** All that makes one picture of a frame differ from another. */
export interface PictureOptions extends EncodeOptions {
  /** `jpeg` when absent. */
  readonly format?: PictureFormat;
}

type Size = Pick<DecodedFrame, 'width' | 'height'>;

/**
 * The options without what changes nothing at this frame: equal pictures then have equal keys.
 * @throws ParameterError when the crop is not inside the frame
 */
export function optionsFor(frame: Size, options: PictureOptions): PictureOptions {
  requireCropInside(frame, options);
  const { crop, quality, format } = options;
  return {
    ...(format !== undefined && { format }),
    ...(quality !== undefined && { quality }),
    ...boxFor(crop ?? frame, options),
    ...(crop && !isWholePicture(frame, { crop }) && { crop }),
  };
}

/** Tells pictures of one frame apart. Fit for an entity-tag (RFC 9110 8.8.3), without commas for careless parsers. */
export function keyOf({ width, height, fit, crop, quality, format = 'jpeg' }: PictureOptions): string {
  const region = crop && [crop.x, crop.y, crop.width, crop.height].join('.');
  return [width, height, fit, region, quality, format].join('_');
}

/** Nothing is enlarged, so a loose bound is none; a box that is to be filled gives proportions even so. */
function boxFor(source: Size, { width, height, fit }: PictureOptions): PictureOptions {
  if (fit === 'cover' && width !== undefined && height !== undefined) {
    const box = { width, height, fit };
    return isWholePicture(source, box) ? {} : box;
  }
  return {
    ...(width !== undefined && width < source.width && { width }),
    ...(height !== undefined && height < source.height && { height }),
  };
}
