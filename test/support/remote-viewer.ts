import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Watched } from './watching-program.js';

const PROGRAM = fileURLToPath(new URL('watching-program.js', import.meta.url));

/** A viewer who is not held up by what else the test's own process does. */
export class RemoteViewer {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Resolves when it watches. */
  static async start(watched: Watched): Promise<RemoteViewer> {
    const viewer = new RemoteViewer(fork(PROGRAM));
    await viewer.#ask(watched);
    return viewer;
  }

  /** How many pictures it has been shown. */
  shown(): Promise<number> {
    return this.#ask('shown');
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  async #ask(question: Watched | 'shown'): Promise<number> {
    this.#process.send(question);
    const [shown] = (await once(this.#process, 'message', { signal: AbortSignal.timeout(10_000) })) as [number];
    return shown;
  }
}
