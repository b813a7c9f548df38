import type { EngineChange } from '../stream/stream-engine.js';
import type { StreamState } from '../stream/stream-status.js';

/** What is logged of the cameras; pino fits. */
export interface TransitionLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Makes what logs every state once: loud when the camera comes up, goes down, or is down for another reason; for
 * debugging only the tries in between and what every camera does.
 */
export function transitionLogger(cameraId: string, log: TransitionLog): (state: StreamState) => void {
  let told = '';
  let from = 'idle';
  return (state) => {
    const cause = 'cause' in state ? state.cause : undefined;
    const fields = { cameraId, from, ...(cause && { cause }) };
    const news = newsOf(state);
    from = state.name;
    if (news === undefined || news === told) {
      log.debug({ ...fields, state: state.name }, 'Camera state');
      return;
    }
    told = news;
    if (state.name === 'live') log.info(fields, 'Camera live');
    else log.warn({ ...fields, retries: state.name === 'backingOff' }, 'Camera down');
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

/** Two states with the same news are told as one. */
function newsOf(state: StreamState): string | undefined {
  if (state.name === 'live') return 'live';
  if (state.name === 'backingOff' || state.name === 'parked') return state.cause.code;
  return undefined;
}
