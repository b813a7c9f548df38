import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../cli/framewell.js', import.meta.url));
const TIMEOUT_MS = 40_000;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The `framewell` program, running. */
export class CommandLine {
  readonly child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  #stderr = '';
  readonly #closed: Promise<[number | null]>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    this.child.stdout!.on('data', (data: Buffer) => this.#stdout.push(data));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#closed = once(this.child, 'close') as Promise<[number | null]>;
  }

  /** Resolves when this many lines have been printed. */
  async printed(lines: number): Promise<void> {
    const ended = this.#closed.then(([code]) => {
      throw new Error(`Expected ${lines} lines but it ended with ${code} after ${this.#lines}: ${this.#stderr}`);
    });
    while (this.#lines < lines) await Promise.race([once(this.child.stdout!, 'data'), ended]);
    ended.catch(() => undefined);
  }

  /** Resolves when it has ended. */
  async outcome(): Promise<Outcome> {
    const [code] = await this.#closed;
    return { code, stdout: Buffer.concat(this.#stdout), stderr: this.#stderr };
  }

  get #lines(): number {
    return Buffer.concat(this.#stdout).toString().split('\n').length - 1;
  }
}

/** Runs it to its end. */
export function runFramewell(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new CommandLine(args, environment).outcome();
}
