import { randomBytes } from 'node:crypto';
import type { Cause } from '../stream/decode-backend.js';
import type { StreamState } from '../stream/stream-status.js';

/** What has happened to a camera. Times are Unix milliseconds. */
export type CameraNews = { readonly camera: string; readonly atMs: number } & (
  | { readonly type: 'added' | 'changed' | 'removed' }
  | { readonly type: 'up' }
  | {
      readonly type: 'down';
      readonly cause: Cause;
      /** Whether it is tried again by itself. */
      readonly retries: boolean;
    }
);

/** News as somebody who watches over the cameras is told it. */
export type CameraEvent = CameraNews & {
  /** The same for all who are told. Nothing can be read from it: who may see but some cameras learns nothing of others. */
  readonly id: string;
};

/** One piece of text: a UUID is put together from twenty, each of which stays in memory for as long as the event does. */
export function newEventId(): string {
  return randomBytes(12).toString('base64url');
}

export type CameraEventListener = (event: CameraEvent) => void;

/**
 * Makes what finds the news among a camera's states: it is up, it is down, or it is down for another reason. The tries
 * in between are none.
 */
export function newsAmongStates(camera: string): (state: StreamState) => CameraNews | undefined {
  let told = '';
  return (state) => {
    const event = eventOf(camera, state);
    if (event === undefined) return undefined;
    const news = event.type === 'down' ? event.cause.code : event.type;
    if (news === told) return undefined;
    told = news;
    return event;
  };
}

function eventOf(camera: string, state: StreamState): CameraNews | undefined {
  const facts = { camera, atMs: state.sinceMs };
  if (state.name === 'live') return { ...facts, type: 'up' };
  if (state.name !== 'backingOff' && state.name !== 'parked') return undefined;
  return { ...facts, type: 'down', cause: state.cause, retries: state.name === 'backingOff' };
}
