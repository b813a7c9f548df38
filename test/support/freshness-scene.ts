import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { freshFrame, type ChosenFrame, type Freshness } from '../../services/jpeg/freshness.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { FakeStream } from './fake-stream.js';
import { ManualClock } from './manual-clock.js';

export const CAUSE = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };

/** A camera and its clock, in the test's hand. */
export class Scene {
  readonly clock = new ManualClock();
  readonly stream = new FakeStream();
  readonly client = new AbortController();
  /** What a decode does besides. */
  beforeDecode: () => Promise<void> = async () => undefined;
  readonly source = {
    stream: this.stream,
    clock: this.clock,
    decode: async <T>(begin: () => Promise<T>): Promise<T> => {
      await this.beforeDecode();
      return begin();
    },
  };

  receive(sequence: number, ageMs = 0): void {
    this.stream.receiveFrame(sequence, this.clock.nowMs - ageMs);
  }

  become(state: StreamState): void {
    this.stream.become(state);
  }

  ask(wish: Freshness = {}): Promise<ChosenFrame> {
    return freshFrame(this.source, wish, this.client.signal);
  }

  /** Asks, and lets the request come to where it waits. */
  async askAndWait(wish: Freshness = {}): Promise<Outcome> {
    const outcome = new Outcome(this.ask(wish));
    await turn();
    return outcome;
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }

  /** Nothing listens, sleeps or holds a frame but what was given out. */
  assertNothingLeft(...given: ChosenFrame[]): void {
    assert.equal(this.stream.listeners, 0, 'listeners');
    const signals = this.stream.asked.flatMap(({ signal }) => signal ?? []);
    assert.equal(signals.flatMap((signal) => getEventListeners(signal, 'abort')).length, 0, 'listeners of signals');
    assert.equal(this.clock.sleepers, 0, 'sleepers');
    assert.deepEqual(
      this.stream.frames.unreleased,
      given.map(({ frame }) => frame.sequence),
      'frames',
    );
  }
}

/** How a request ends, to be looked at while it has not. */
export class Outcome {
  isSettled = false;
  readonly #promise: Promise<ChosenFrame>;

  constructor(promise: Promise<ChosenFrame>) {
    this.#promise = promise;
    const settle = (): void => void (this.isSettled = true);
    promise.then(settle, settle);
  }

  /** Fails where the request still waits. */
  async now(): Promise<ChosenFrame> {
    assert.ok(this.isSettled, 'Expected an answer by now');
    return this.#promise;
  }

  async errorNow<E extends Error>(type: new (...args: never[]) => E): Promise<E> {
    assert.ok(this.isSettled, 'Expected an answer by now');
    const error: unknown = await this.#promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof type, `Expected ${type.name} but received ${String(error)}`);
    return error;
  }
}

export const facts = { sinceMs: 0, downSinceMs: 0, attempt: 1 };
/** The states in which a next picture may come within the usual wait. */
export const hopeful = (nowMs: number): readonly StreamState[] => [
  { name: 'idle', sinceMs: 0 },
  { name: 'queued', ...facts },
  { name: 'connecting', ...facts, cause: CAUSE },
  { name: 'awaitingKeyframe', sinceMs: 0, downSinceMs: 0 },
  { name: 'live', sinceMs: 0 },
  { name: 'backingOff', ...facts, cause: CAUSE, retryAtMs: nowMs + 1499 },
];
