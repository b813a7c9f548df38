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

/** Two states with the same news are told as one. */
function newsOf(state: StreamState): string | undefined {
  if (state.name === 'live') return 'live';
  if (state.name === 'backingOff' || state.name === 'parked') return state.cause.code;
  return undefined;
}
