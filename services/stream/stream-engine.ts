import type { EngineUse } from './decode-backend.js';

/** A stream's pictures come from another engine, or another card, than before. */
export interface EngineChange {
  /** Without `gpu` and `sinceMs` where nothing was decoded before: what was chosen at the start. */
  readonly from: EngineUse;
  readonly to: EngineUse;
}

/** Which engine decodes a stream, over all its sessions, and who is told when that changes. */
export class StreamEngine {
  #current: EngineUse;
  readonly #listeners = new Set<(change: EngineChange) => void>();

  constructor(chosen: EngineUse) {
    this.#current = chosen;
  }

  /** Each session says anew what it is on; only what differs is news. */
  use(engine: EngineUse): void {
    const from = this.#current;
    this.#current = engine;
    if (from.name === engine.name && (from.gpu === undefined || from.gpu === engine.gpu)) return;
    for (const listener of this.#listeners) listener({ from, to: engine });
  }

  /** Calls `listener` with every change that follows. Returns what ends that. */
  listen(listener: (change: EngineChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
