import type { CameraStream } from '../cameras/camera-registry.js';
import { causeOf } from '../errors.js';
import type { Cause } from '../stream/decode-backend.js';
import type { StreamState } from '../stream/stream-status.js';
import { causeOfState } from './availability.js';
import type { CameraPictures } from './camera-pictures.js';
import type { Picture } from './picture-cache.js';

/** What is used of a camera here. */
export interface MosaicCamera {
  readonly id: string;
  readonly name: string;
  readonly stream: Pick<CameraStream, 'getStatus'>;
  readonly pictures: Pick<CameraPictures, 'snapshot'>;
}

/** What one tile shows. */
export type MosaicTile = { readonly name: string } & (
  | { readonly kind: 'live'; readonly picture: Picture }
  /** `last` is the last good picture, where there ever was one: never shown as if it were live. */
  | { readonly kind: 'down'; readonly state: string; readonly cause?: Cause; readonly last?: Picture }
);

/** A tile is live as long as its picture is no older. */
const MAX_AGE_MS = 2000;
/** Encoded once more with the sheet: the loss of the first encode should not show. */
const QUALITY = 92;

export interface TileRequest {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Until when a new picture may be waited for where there is none, Unix time in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * Takes the camera's picture for a tile. What goes wrong with the camera is what the tile shows.
 * @throws RetryLaterError ERR_OVERLOADED, which is no fault of the camera
 */
export async function viewTile(camera: MosaicCamera, { width, height, deadlineMs }: TileRequest): Promise<MosaicTile> {
  const { name, stream, pictures } = camera;
  const waitMs = Math.max(0, deadlineMs - Date.now());
  const picture = await pictures
    .snapshot({ width, height, quality: QUALITY }, { maxAgeMs: MAX_AGE_MS, waitMs, onStale: 'last' })
    .catch(causeUnlessOverloaded);
  const { state } = stream.getStatus();
  if ('code' in picture) return { kind: 'down', name, state: wordOf(state), ...causeIn(state, picture) };
  const isFresh = Date.now() - picture.receivedAtMs <= MAX_AGE_MS;
  // A loss is made good by the next keyframe, mostly before anybody would call the camera down.
  if (isFresh && (state.name === 'live' || state.name === 'awaitingKeyframe')) return { kind: 'live', name, picture };
  return { kind: 'down', name, state: wordOf(state), ...causeIn(state, NOT_FRESH), last: picture };
}

const NOT_FRESH: Cause = { code: 'ERR_FRAME_STALE', message: 'The camera sends no new picture' };

function causeUnlessOverloaded(error: unknown): Cause {
  const cause = causeOf(error);
  if (cause.code === 'ERR_OVERLOADED') throw error;
  return cause;
}

/** As the page says it. */
function wordOf(state: StreamState): string {
  switch (state.name) {
    case 'idle':
      return 'Idle';
    case 'queued':
    case 'connecting':
      if (state.attempt > 1) return 'Reconnecting';
      return state.name === 'queued' ? 'Waiting to connect' : 'Connecting';
    case 'awaitingKeyframe':
      return 'Awaiting keyframe';
    case 'live':
      return 'No picture';
    case 'backingOff':
      return 'Down';
    case 'parked':
      return 'Parked';
    case 'closed':
      return 'Closed';
  }
}

/** Why there is no live picture: the camera's own cause, else the request's. None while it connects at first. */
function causeIn(state: StreamState, failure: Cause): { readonly cause?: Cause } {
  const cause = causeOfState(state) ?? (state.name === 'live' ? failure : undefined);
  return cause ? { cause } : {};
}
