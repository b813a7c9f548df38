import type { CameraStream } from '../cameras/camera-registry.js';
import { CameraUnavailableError, StreamError } from '../errors.js';
import type { Clock } from '../stream/clock.js';
import type { DecodedFrame } from '../stream/decode-backend.js';
import { causeOfState, isHopeful, retryAfterS, whyNone, whyNotDecoded } from './availability.js';

const MAX_AGE_MS = 2000;
export const WAIT_MS = 1500;
/** Longest time for decoding what is there already, which is no waiting for the camera. */
const DECODE_TIMEOUT_MS = 5000;

/** How new a picture has to be, and what is done where none is. docs/snapshots.md has the contract. */
export interface Freshness {
  /** Greatest age in milliseconds, judged when the picture is decoded; 2000 when absent. */
  readonly maxAgeMs?: number | undefined;
  /** Longest wait for a picture that is new enough, in milliseconds; 1500 when absent. */
  readonly waitMs?: number | undefined;
  /** The picture must be newer than this one. */
  readonly afterSequence?: number | undefined;
  /** Whether the last good picture is better than none; `fail` when absent. */
  readonly onStale?: 'fail' | 'last' | undefined;
}

/** The picture of a moment in the past: the one received nearest to it. Unix time in milliseconds. */
export interface Moment {
  readonly atMs: number;
}

/** A frame that whoever asked for it has to release. */
export interface ChosenFrame {
  readonly frame: DecodedFrame;
  /** Whether it is older than what was asked for: the last good one. */
  readonly isStale: boolean;
}

/** Where frames come from. */
export interface FrameSource {
  readonly stream: Pick<CameraStream, 'getStatus' | 'getLatestFrame' | 'getLastFrame' | 'getFrameAt' | 'onStateChange'>;
  readonly clock: Clock;
  /** Runs what may begin a decode. May refuse instead. */
  readonly decode: <T>(begin: () => Promise<T>) => Promise<T>;
}

/** There is a picture, but none as new as the request wants it. */
export class FrameStaleError extends CameraUnavailableError {
  /** What there is. */
  readonly frame: Pick<DecodedFrame, 'sequence' | 'receivedAtMs'>;

  constructor(
    message: string,
    { sequence, receivedAtMs }: Pick<DecodedFrame, 'sequence' | 'receivedAtMs'>,
    options: ConstructorParameters<typeof CameraUnavailableError>[2],
  ) {
    super('ERR_FRAME_STALE', message, options);
    this.frame = { sequence, receivedAtMs };
  }
}

/**
 * The newest frame that the camera can give now if it is as new as asked for, else the first one that is. Rejects with
 * the signal's reason once `signal` is aborted.
 * @throws FrameStaleError when none comes in time and an older one will not do; CameraUnavailableError
 *   ERR_CAMERA_CONNECTING or ERR_CAMERA_DOWN when there never was one, ERR_FRAME_TIMEOUT when decoding takes too long
 */
export async function freshFrame(source: FrameSource, wish: Freshness, signal: AbortSignal): Promise<ChosenFrame> {
  const { stream, clock } = source;
  const { maxAgeMs = MAX_AGE_MS, waitMs = WAIT_MS, afterSequence, onStale = 'fail' } = wish;
  // A sequence that the camera has not reached was learnt before a restart: everything now is newer.
  const isWanted = (frame: DecodedFrame): boolean =>
    frame.sequence !== afterSequence && clock.now() - frame.receivedAtMs <= maxAgeMs;

  let held = await decodeInTime(source, () => stream.getLastFrame(), signal);
  if (held && isWanted(held)) return { frame: held, isStale: false };

  const deadlineMs = clock.now() + waitMs;
  const over = new AbortController();
  const limit = AbortSignal.any([signal, over.signal]);
  void clock.sleep(waitMs, limit).then(() => over.abort());
  try {
    for await (const newer of newerFrames(source, held?.sequence ?? -1, deadlineMs, limit)) {
      held?.release();
      held = newer;
      if (isWanted(held)) return { frame: held, isStale: false };
    }
    signal.throwIfAborted();
    if (held === undefined) throw whyNone(stream.getStatus().state, clock.now());
    if (onStale === 'fail') throw staleError(source, held, maxAgeMs, afterSequence);
    return { frame: held, isStale: true };
  } catch (error) {
    held?.release();
    throw error;
  } finally {
    over.abort();
  }
}

/**
 * The frame that was received nearest to the moment.
 * @throws StreamError ERR_FRAME_NOT_KEPT; CameraUnavailableError ERR_FRAME_TIMEOUT or ERR_OVERLOADED
 */
export async function frameOfMoment(source: FrameSource, { atMs }: Moment, signal: AbortSignal): Promise<ChosenFrame> {
  const frame = await decodeInTime(source, () => source.stream.getFrameAt(atMs), signal);
  return { frame, isStale: false };
}

/** What the decode gives. One that takes too long is left to itself, and its frame released when it comes. */
async function decodeInTime<F extends DecodedFrame | undefined>(
  { stream, clock, decode }: FrameSource,
  begin: () => Promise<F>,
  signal: AbortSignal,
): Promise<F> {
  signal.throwIfAborted();
  const frame = decode(begin);
  const over = new AbortController();
  const timeout = clock.sleep(DECODE_TIMEOUT_MS, AbortSignal.any([signal, over.signal])).then(() => 'over' as const);
  try {
    const first = await Promise.race([frame, timeout]);
    if (first !== 'over') return first;
    const words = `Expected a picture within ${DECODE_TIMEOUT_MS} ms but none was decoded`;
    frame.then((late) => late?.release()).catch(() => undefined);
    signal.throwIfAborted();
    throw new StreamError('ERR_FRAME_TIMEOUT', words);
  } catch (error) {
    throw error instanceof StreamError ? whyNotDecoded(error, stream.getStatus().state, clock.now()) : error;
  } finally {
    over.abort();
  }
}

/** The frames above `sequence` as they come, over changes of the camera's state, as long as one can be hoped for. */
async function* newerFrames(
  { stream, clock }: FrameSource,
  sequence: number,
  deadlineMs: number,
  limit: AbortSignal,
): AsyncGenerator<DecodedFrame, void, undefined> {
  let changes = 0;
  let wake = (): void => undefined;
  const stopListening = stream.onStateChange(() => {
    changes += 1;
    wake();
  });
  const onLimit = (): void => wake();
  limit.addEventListener('abort', onLimit);
  const isHopeless = (): boolean =>
    limit.aborted || clock.now() >= deadlineMs || !isHopeful(stream.getStatus().state, deadlineMs);
  try {
    for (let newest = sequence; !isHopeless();) {
      const changesBefore = changes;
      const frame = await stream.getLatestFrame({ afterSequence: newest, signal: limit }).catch(() => undefined);
      if (frame) {
        newest = frame.sequence;
        yield frame;
      } else if (changes === changesBefore && !limit.aborted) {
        // What keeps a stream from giving pictures lasts until its state changes.
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    stopListening();
    // Node holds a signal of AbortSignal.any(), aborted or not, for as long as anything listens to it.
    limit.removeEventListener('abort', onLimit);
  }
}

function staleError(
  { stream, clock }: FrameSource,
  held: DecodedFrame,
  maxAgeMs: number,
  afterSequence: number | undefined,
): FrameStaleError {
  const { state } = stream.getStatus();
  const ageMs = Math.round(clock.now() - held.receivedAtMs);
  const message =
    held.sequence === afterSequence
      ? `Expected a picture after ${afterSequence} but it is the newest`
      : `Expected a picture at most ${maxAgeMs} ms old but the newest is ${ageMs} ms old`;
  return new FrameStaleError(message, held, {
    retryAfterS: retryAfterS(state, clock.now()),
    cause: causeOfState(state),
  });
}
