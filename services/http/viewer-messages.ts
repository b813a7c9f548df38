import { FramewellError, ParameterError } from '../errors.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import type { Cause } from '../stream/decode-backend.js';
import type { StreamStateName } from '../stream/stream-status.js';
import { shownValue } from './error-mapping.js';
import { LIMIT_NAMES, readLimits } from './live-limits.js';
import type { LinkNews } from './adaptive-link.js';

/** docs/viewer-protocol.md tells all. */
export const SUBPROTOCOL = 'framewell.v1';

export const LAST_CHANNEL = 0xffff;

/** A camera, as a viewer is told of it. */
export interface CameraNews {
  readonly channel: number;
  readonly id: string;
  readonly name: string;
  readonly state: StreamStateName;
  readonly cause?: Cause;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  readonly sequence: number;
}

/** What the server says in text. */
export type ServerMessage =
  | { readonly type: 'hello'; readonly protocol: typeof SUBPROTOCOL; readonly cameras: readonly CameraNews[] }
  | ({ readonly type: 'camera' } & CameraNews)
  | ({ readonly type: 'ended'; readonly channel: number; readonly id: string } & Cause)
  | ({ readonly type: 'error'; readonly camera?: string } & Cause)
  | ({ readonly type: 'link' } & LinkNews);

/** What a viewer says. Without `channel`, of all channels. */
export type ViewerMessage =
  | { readonly type: 'subscribe'; readonly camera: string; readonly limits: LiveLimits }
  | { readonly type: 'unsubscribe'; readonly channel: number }
  | { readonly type: 'limit'; readonly channel?: number; readonly limits: LiveLimits }
  | { readonly type: 'pause' | 'resume'; readonly channel?: number };

export type ViewerMessageType = ViewerMessage['type'];

export const CHANNEL_MESSAGES: readonly ViewerMessageType[] = ['subscribe', 'unsubscribe', 'limit', 'pause', 'resume'];
/** Where there is one channel, which nobody names. */
export const PLAIN_MESSAGES: readonly ViewerMessageType[] = ['limit', 'pause', 'resume'];

type Members = Readonly<Record<string, unknown>>;

/** The members that each type may have. */
const MEMBERS: Readonly<Record<ViewerMessageType, readonly string[]>> = {
  subscribe: ['camera', ...LIMIT_NAMES],
  unsubscribe: ['channel'],
  limit: ['channel', ...LIMIT_NAMES],
  pause: ['channel'],
  resume: ['channel'],
};

/** A message that was not understood; `camera` is the one that it would have subscribed to. */
export class ViewerMessageError extends FramewellError {
  readonly camera: string | undefined;

  constructor(cause: FramewellError, camera: string | undefined) {
    super(cause.code, cause.message, { cause });
    this.camera = camera;
  }
}

/**
 * @param types those that are understood
 * @throws ViewerMessageError
 */
export function readViewerMessage(text: string, types: readonly ViewerMessageType[]): ViewerMessage {
  let members: Members = {};
  try {
    members = readObject(text);
    return readMembers(members, types);
  } catch (error) {
    if (!(error instanceof FramewellError)) throw error;
    const { type, camera } = members;
    throw new ViewerMessageError(error, type === 'subscribe' && typeof camera === 'string' ? camera : undefined);
  }
}

function readMembers({ type: given, ...members }: Members, types: readonly ViewerMessageType[]): ViewerMessage {
  const type = types.find((known) => known === given);
  if (type === undefined) throw new ParameterError('type', types.join(', '), received(given));
  for (const name of Object.keys(members)) {
    if (!MEMBERS[type].includes(name)) throw new ParameterError(type, MEMBERS[type].join(', '), shownValue(name));
  }
  switch (type) {
    case 'subscribe':
      return { type, camera: readCamera(members.camera), limits: readLimits(members) };
    case 'unsubscribe':
      return { type, channel: readChannel(members.channel) };
    case 'limit':
      return { type, ...optionalChannel(members.channel), limits: readLimits(members) };
    case 'pause':
    case 'resume':
      return { type, ...optionalChannel(members.channel) };
  }
}

function readObject(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ParameterError('the message', 'a JSON object', shownValue(text));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ParameterError('the message', 'a JSON object', shownValue(value));
  }
  return value as Members;
}

function readCamera(camera: unknown): string {
  if (typeof camera !== 'string') throw new ParameterError('camera', "a camera's id", received(camera));
  return camera;
}

function readChannel(channel: unknown): number {
  if (!Number.isInteger(channel)) throw new ParameterError('channel', `integer 1-${LAST_CHANNEL}`, received(channel));
  return channel as number;
}

function optionalChannel(channel: unknown): { readonly channel?: number } {
  return channel === undefined ? {} : { channel: readChannel(channel) };
}

function received(value: unknown): string {
  return value === undefined ? 'none' : shownValue(value);
}
