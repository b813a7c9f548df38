import type { Clock } from './clock.js';

/** Gives a turn back. May be called more than once. */
export type EndTurn = () => void;

/**
 * The least that a turn lasts. A refused connection is over in microseconds: the turn after it would be taken so soon
 * that any number of cameras without power would be tried in the same second. So each turn is taken at most four times
 * in one.
 */
export const SHORTEST_TURN_MS = 250;

interface Waiting {
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly take: (endTurn: EndTurn) => void;
}

/**
 * How many cameras connect at once and, as no turn is shorter than SHORTEST_TURN_MS, how many in a second: a thousand
 * of them after a power cut do not drown the network, the switch or the name server that has just come back. Who waits
 * is served in order, the fewest attempts first: cameras that have been dead for days, each of which holds its turn
 * until the connect timeout, do not keep the others waiting.
 */
export class ConnectTurns {
  readonly #clock: Pick<Clock, 'sleep'>;
  #free: number;
  /** By attempt, then by arrival. */
  readonly #waiting: Waiting[] = [];

  constructor(atOnce: number, clock: Pick<Clock, 'sleep'>) {
    this.#free = atOnce;
    this.#clock = clock;
  }

  /** A turn that is free now. Nobody waits while one is free. It may be as short as it likes once `signal` aborts. */
  tryTake(signal: AbortSignal): EndTurn | undefined {
    if (this.#free === 0) return undefined;
    this.#free -= 1;
    return this.#turn(signal);
  }

  /** Resolves with a turn as `tryTake` gives it, or with undefined when `signal` aborts first. */
  take(attempt: number, signal: AbortSignal): Promise<EndTurn | undefined> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(undefined);
      };
      const waiting: Waiting = {
        attempt,
        signal,
        take: (endTurn) => {
          signal.removeEventListener('abort', leave);
          resolve(endTurn);
        },
      };
      const behind = this.#waiting.findIndex((other) => other.attempt > attempt);
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #turn(signal: AbortSignal): EndTurn {
    const shortest = this.#clock.sleep(SHORTEST_TURN_MS, signal);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      void shortest.then(() => this.#passOn());
    };
  }

  #passOn(): void {
    const next = this.#waiting.shift();
    if (next) next.take(this.#turn(next.signal));
    else this.#free += 1;
  }
}
