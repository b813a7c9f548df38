import type { TurnClock } from '../../services/http/turn-clock.js';

/** A clock whose time passes as fast as what happens in it can be worked off. */
export class SimulatedTime implements TurnClock {
  #nowMs = 0;
  readonly #calls = new Set<{ readonly atMs: number; readonly call: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return Date.UTC(2026, 0, 2) + this.#nowMs;
  }

  after(ms: number, call: () => void): () => void {
    const entry = { atMs: this.#nowMs + Math.max(0, ms), call };
    this.#calls.add(entry);
    return () => this.#calls.delete(entry);
  }

  /** Calls everything that is due until then, in order. */
  runUntil(endMs: number): void {
    for (;;) {
      let next: { readonly atMs: number; readonly call: () => void } | undefined;
      for (const entry of this.#calls) if (!next || entry.atMs < next.atMs) next = entry;
      if (next === undefined || next.atMs > endMs) break;
      this.#calls.delete(next);
      this.#nowMs = next.atMs;
      next.call();
    }
    this.#nowMs = endMs;
  }
}
