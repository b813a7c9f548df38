import type { StreamState, StreamStateName } from './stream-status.js';

/** Where a stream is in its life: the state now, who is told of the next, and how often each was entered. */
export class StreamStates {
  #current: StreamState;
  readonly #entered = new Map<StreamStateName, number>();
  readonly #listeners = new Set<(state: StreamState) => void>();

  constructor(nowMs: number) {
    this.#current = { name: 'idle', sinceMs: nowMs };
  }

  get current(): StreamState {
    return this.#current;
  }

  get transitions(): Readonly<Partial<Record<StreamStateName, number>>> {
    return Object.fromEntries(this.#entered);
  }

  enter(state: StreamState): void {
    this.#current = state;
    this.#entered.set(state.name, (this.#entered.get(state.name) ?? 0) + 1);
    for (const listener of this.#listeners) listener(state);
  }

  /** Calls `listener` with every state that follows, in order. Returns what ends that. */
  listen(listener: (state: StreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
