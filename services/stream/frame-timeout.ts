import { StreamError } from '../errors.js';
import type { DecodedFrame } from './decode-backend.js';

/**
 * The frame, or ERR_FRAME_TIMEOUT after `timeoutMs`; as long as it takes when absent. A frame that comes too late is
 * released, since nobody else will.
 */
export function within(frame: Promise<DecodedFrame>, timeoutMs: number | undefined): Promise<DecodedFrame> {
  if (timeoutMs === undefined) return frame;
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new StreamError('ERR_FRAME_TIMEOUT', `Expected a picture within ${timeoutMs} ms but none was decoded`));
    }, timeoutMs);
    frame.then(
      (picture) => {
        clearTimeout(timer);
        if (isLate) picture.release();
        else resolve(picture);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error as Error);
      },
    );
  });
}
