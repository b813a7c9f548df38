import { StreamError } from '../errors.js';
import type { DecodedFrame } from './decode-backend.js';

/** How long a caller waits for a frame. */
export interface FrameWait {
  /** In milliseconds; as long as it takes when absent. */
  readonly timeoutMs?: number;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal;
}

/**
 * The frame; ERR_FRAME_TIMEOUT after `timeoutMs`; the signal's reason once it is aborted. A frame that comes after that
 * is released, since nobody else will.
 */
export function within(frame: Promise<DecodedFrame>, { timeoutMs, signal }: FrameWait): Promise<DecodedFrame> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (): void => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      end();
      reject(signal?.aborted ? (signal.reason as Error) : timeoutError(timeoutMs));
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    const settle = (): void => {
      end();
      resolve(frame);
    };
    frame.then((decoded) => {
      if (isOver) decoded.release();
      else settle();
    }, settle);
  });
}

function timeoutError(timeoutMs: number | undefined): StreamError {
  return new StreamError('ERR_FRAME_TIMEOUT', `Expected a picture within ${timeoutMs} ms but none was decoded`);
}
