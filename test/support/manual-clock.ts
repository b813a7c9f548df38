import type { Clock } from '../../services/stream/clock.js';

/** Time passes only when the test says so. */
export class ManualClock implements Clock {
  nowMs = 1_000_000;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        untilMs: this.nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
      if (signal.aborted) sleeper.wake();
    });
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.nowMs) sleeper.wake();
  }
}
