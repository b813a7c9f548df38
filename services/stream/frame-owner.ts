import { StreamError } from '../errors.js';
import type { DecodeBackend, DecodedFrame } from './decode-backend.js';

/** Which backend a frame's pixels belong to. Frames do not say it themselves: nothing else may branch on it. */
const owners = new WeakMap<DecodedFrame, DecodeBackend>();

export function setFrameOwner(frame: DecodedFrame, backend: DecodeBackend): void {
  owners.set(frame, backend);
}

/**
 * A frame as a JPEG file: full-range BT.601 (JFIF), square pixels, the frame's display size.
 * @param quality 1 to 100
 * @throws StreamError ERR_BAD_PARAMETER, ERR_FRAME_RELEASED, ERR_ENCODE_FAILED, ERR_PIXEL_FORMAT_UNSUPPORTED
 */
export async function encodeFrameToJpeg(frame: DecodedFrame, quality = 80): Promise<Buffer> {
  const owner = owners.get(frame);
  if (owner === undefined) throw new StreamError('ERR_BAD_PARAMETER', 'Expected a frame that a StreamDecoder gave');
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new StreamError('ERR_BAD_PARAMETER', `Expected integer 1-100 for quality but received ${quality}`);
  }
  return owner.encodeJpeg(frame, { quality });
}
