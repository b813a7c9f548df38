import { SERVER_KEYS } from '../services/config-keys.js';
import { CommandFailure } from './failure.js';
import { UsageError } from './usage.js';

/** Where a server listens that nobody has configured. */
export const DEFAULT_SERVER = `http://${SERVER_KEYS.host.default}:${SERVER_KEYS.port.default}`;

/** For readArguments: which server. */
export const SERVER_OPTION = { server: { type: 'string' } } as const;

export const SERVER_HELP = `  --server <url>   Default: FRAMEWELL_SERVER, else ${DEFAULT_SERVER}`;

/** Beyond the time that the request itself lets the server wait. */
const ANSWER_TIMEOUT_MS = 10_000;

export type Query = Readonly<Record<string, string | number | undefined>>;

/** One Framewell server's HTTP side. */
export class ServerClient {
  readonly #base: URL;

  /** @throws UsageError when `--server` or FRAMEWELL_SERVER is no URL to ask */
  constructor(server: string | undefined) {
    const text = server ?? (process.env.FRAMEWELL_SERVER || DEFAULT_SERVER);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      throw new UsageError('Expected http://host[:port] or https://host[:port] for --server but received another text');
    }
    // A server behind a path of a proxy: names are resolved below it.
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    this.#base = url;
  }

  /**
   * @param waitMs how long the request lets the server wait
   * @throws CommandFailure with the server's code and words, or why there was no answer
   */
  async get(
    path: string,
    query: Query = {},
    waitMs = 0,
  ): Promise<{ readonly headers: Headers; readonly body: Buffer }> {
    const { ok, status, headers, body } = await this.#fetch(path, query, waitMs).catch((error: unknown) => {
      throw this.unreachable(error);
    });
    if (!ok) throw this.refusal(status, body.toString());
    return { headers, body };
  }

  async getJson(path: string): Promise<unknown> {
    const { body } = await this.get(path);
    try {
      return JSON.parse(body.toString());
    } catch {
      throw new CommandFailure(`Expected a Framewell server at ${this.#base.href} but its answer is no JSON`);
    }
  }

  /** The address of a WebSocket. */
  socketUrl(path: string, query: Query): URL {
    const url = this.#url(path, query);
    url.protocol = url.protocol.replace('http', 'ws');
    return url;
  }

  /** Why the server would not. */
  refusal(status: number, text: string): CommandFailure {
    return (
      CommandFailure.fromAnswer(text) ??
      new CommandFailure(`Expected a Framewell server at ${this.#base.href} but it answered with status ${status}`)
    );
  }

  /** Why there was no answer: what `fetch` or a WebSocket threw. */
  unreachable(error: unknown): CommandFailure {
    // fetch says no more than that it failed; its cause has the code of the system.
    const { name, code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    const why = name === 'TimeoutError' ? 'it did not answer in time' : (code ?? message);
    return new CommandFailure(`Expected a Framewell server at ${this.#base.href} but ${why} (--server names another)`);
  }

  async #fetch(path: string, query: Query, waitMs: number) {
    const response = await fetch(this.#url(path, query), { signal: AbortSignal.timeout(waitMs + ANSWER_TIMEOUT_MS) });
    const { ok, status, headers } = response;
    return { ok, status, headers, body: Buffer.from(await response.arrayBuffer()) };
  }

  #url(path: string, query: Query): URL {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, `${value}`);
    return url;
  }
}
