import { ParameterError } from '../errors.js';
import type { DecodedFrame, EncodeOptions, PictureRegion } from './decode-backend.js';

type Size = Pick<DecodedFrame, 'width' | 'height'>;

/** @throws ParameterError when the crop is not whole pixels of the frame. */
export function requireCropInside(frame: Size, { crop }: EncodeOptions): void {
  if (crop === undefined) return;
  const { x, y, width, height } = crop;
  const isWholePixels = [x, y, width, height].every(Number.isInteger) && x >= 0 && y >= 0 && width > 0 && height > 0;
  if (isWholePixels && x + width <= frame.width && y + height <= frame.height) return;
  const expected = `x,y,width,height inside the picture of ${frame.width}x${frame.height} pixels`;
  throw new ParameterError('crop', expected, `${x},${y},${width},${height}`);
}

/** Whether nothing of the frame is cut off or made smaller. */
export function isWholePicture(frame: Size, { crop, width, height, fit }: EncodeOptions): boolean {
  if (crop && !isSameSize(crop, frame)) return false;
  const fitsBox = (width ?? Infinity) >= frame.width && (height ?? Infinity) >= frame.height;
  if (fit !== 'cover' || width === undefined || height === undefined) return fitsBox;
  return fitsBox && width * frame.height === height * frame.width;
}

function isSameSize(crop: PictureRegion, frame: Size): boolean {
  return crop.width === frame.width && crop.height === frame.height;
}
