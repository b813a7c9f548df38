/** Gives a turn back. May be called more than once. */
export type EndTurn = () => void;

interface Waiting {
  readonly attempt: number;
  readonly take: (endTurn: EndTurn) => void;
}

/**
 * How many cameras connect at once, so that a thousand of them after a power cut do not drown the network, the switch
 * or the name server that has just come back. Who waits is served in order, the fewest attempts first: cameras that
 * have been dead for days, each of which holds its turn until the connect timeout, do not keep the others waiting.
 */
export class ConnectTurns {
  #free: number;
  /** By attempt, then by arrival. */
  readonly #waiting: Waiting[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** A turn that is free now. Nobody waits while one is free. */
  tryTake(): EndTurn | undefined {
    if (this.#free === 0) return undefined;
    this.#free -= 1;
    return this.#turn();
  }

  /** Resolves with a turn, or with undefined when `signal` aborts first. */
  take(attempt: number, signal: AbortSignal): Promise<EndTurn | undefined> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(undefined);
      };
      const waiting: Waiting = {
        attempt,
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

  #turn(): EndTurn {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = this.#waiting.shift();
      if (next) next.take(this.#turn());
      else this.#free += 1;
    };
  }
}
