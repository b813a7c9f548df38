import type { EngineChange } from '../stream/stream-engine.js';
import type { StreamState } from '../stream/stream-status.js';
import type { CameraNews } from './camera-events.js';

/** What is logged of the cameras; pino fits. */
export interface TransitionLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Makes what logs every state once: loud where it is news, else for debugging only. */
export function transitionLogger(
  cameraId: string,
  log: TransitionLog,
): (state: StreamState, news: CameraNews | undefined) => void {
  let from = 'idle';
  return (state, news) => {
    const cause = 'cause' in state ? state.cause : undefined;
    const fields = { cameraId, from, ...(cause && { cause }) };
    from = state.name;
    if (news === undefined) log.debug({ ...fields, state: state.name }, 'Camera state');
    else if (news.type === 'down') log.warn({ ...fields, retries: news.retries }, 'Camera down');
    else log.info(fields, 'Camera live');
  };
}

/** Makes what logs which engine a camera is decoded on, whenever that changes: loud when it had to leave a card. */
export function engineLogger(cameraId: string, log: TransitionLog): (change: EngineChange) => void {
  return ({ from, to: { name, gpu, reason } }) => {
    const fields = {
      cameraId,
      ...(from.gpu !== undefined && { fromGpu: from.gpu }),
      ...(gpu !== undefined && { gpu }),
      reason,
    };
    if (name !== 'cpu') log.info(fields, 'Camera moved to a card');
    else if (from.gpu === undefined) log.info(fields, 'Camera decoded by the CPU');
    else log.warn(fields, 'Camera moved to the CPU');
  };
}
