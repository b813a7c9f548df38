import { StreamError } from '../errors.js';
import type { DecodedFrame } from './decode-backend.js';

/**
 * The frame, or ERR_FRAME_TIMEOUT after `timeoutMs`; as long as it takes when absent. A frame that comes after the
 * time-out is released, since nobody else will.
 */
export async function within(frame: Promise<DecodedFrame>, timeoutMs: number | undefined): Promise<DecodedFrame> {
  if (timeoutMs === undefined) return frame;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), timeoutMs)));
  try {
    const first = await Promise.race([frame, timeout]);
    if (first !== undefined) return first;
  } finally {
    clearTimeout(timer);
  }
  frame.then(
    (late) => {
      late.release();
    },
    () => undefined,
  );
  throw new StreamError('ERR_FRAME_TIMEOUT', `Expected a picture within ${timeoutMs} ms but none was decoded`);
}
