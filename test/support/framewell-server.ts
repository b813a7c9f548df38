import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ALLOWANCE } from './allowance.js';
import { until } from './until.js';

const SERVER = fileURLToPath(new URL('../../server.js', import.meta.url));
const START_TIMEOUT_MS = 30_000;
/** The longest that leaving may take. */
const STOP_TIMEOUT_MS = 3000 * ALLOWANCE;
/** Which engine a run is about. */
const ENGINE_KEYS = /^(ENGINE|FRAMEWELL_.*|LD_PRELOAD|NODE_OPTIONS|[A-Z]+SAN_OPTIONS)$/;
const BASE_ENVIRONMENT = {
  PATH: process.env.PATH,
  // A pack for a machine without network brings its libraries along (scripts/pack-for-gpu.mjs).
  LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH,
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'debug',
  ...engineOfTheRun(),
};

/** What GET /cameras tells of one camera, as far as tests look at it. */
export interface CameraReport {
  readonly id: string;
  readonly name: string;
  readonly state: {
    readonly name: string;
    readonly since: string;
    readonly retryAt?: string;
    readonly cause?: { readonly code: string; readonly message: string };
  };
  readonly ages: { readonly accessUnitMs: number | null; readonly frameMs: number | null };
  readonly [key: string]: unknown;
}

/** A camera as .env has it. */
export interface CameraSettings {
  readonly id: string;
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly transport?: 'tcp' | 'udp' | 'multicast';
  readonly ingest?: 'auto' | 'libav';
  readonly decode?: 'on-demand' | 'always' | 'keyframes';
}

export interface FramewellServerOptions {
  readonly cameras: readonly CameraSettings[];
  /** Further settings, by their keys. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What must never be seen in an answer or in the logs; the cameras' users and passwords are always among it. */
  readonly secrets?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** The body as JSON; throws where it is none. */
  json(): unknown;
}

/**
 * The built server as a child process, in an empty folder so that no .env takes part, on a port of its own choice.
 * Everything that it writes or answers is searched for the secrets when it stops.
 */
export class FramewellServer {
  readonly origin: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #output: { text: string };
  readonly #secrets: readonly string[];

  private constructor(
    child: ChildProcess,
    parts: { origin: string; folder: string; output: { text: string }; secrets: readonly string[] },
  ) {
    this.#child = child;
    this.origin = parts.origin;
    this.#folder = parts.folder;
    this.#output = parts.output;
    this.#secrets = parts.secrets;
  }

  static async start({ cameras, environment = {}, secrets = [] }: FramewellServerOptions): Promise<FramewellServer> {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-test-'));
    const child = spawn(process.execPath, [SERVER], {
      cwd: folder,
      env: { ...BASE_ENVIRONMENT, ...environment, ...Object.assign({}, ...cameras.map(cameraEnvironment)) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output.text += text));
    }
    const origin = await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(
            `Expected the server to start but it ended with ${child.exitCode ?? child.signalCode}:\n${output.text}`,
          );
        }
        return /https?:\/\/127\.0\.0\.1:\d+/.exec(output.text)?.[0];
      },
      { timeoutMs: START_TIMEOUT_MS, describe: () => `Expected the server to listen but it wrote:\n${output.text}\n` },
    ).catch((error: unknown) => {
      // Else it would keep the test's process alive.
      child.kill('SIGKILL');
      throw error;
    });
    const logins = cameras.flatMap(({ user, password }) => [user, password].filter((text) => text !== undefined));
    return new FramewellServer(child, { origin, folder, output, secrets: [...secrets, ...logins] });
  }

  snapshot(id: string, query = ''): Promise<Answer> {
    return this.get(`/cameras/${id}/snapshot.jpg${query}`);
  }

  /** All that the process has written, both streams. */
  get logs(): string {
    return this.#output.text;
  }

  /** Where it looks for settings; there is no file at first. */
  get envFile(): string {
    return join(this.#folder, '.env');
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#ask('GET', path, headers);
  }

  /** `body` goes as JSON. */
  post(path: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
    return this.#ask('POST', path, headers, body);
  }

  async camera(id: string): Promise<CameraReport> {
    const answer = await this.get(`/cameras/${id}`);
    assert.equal(answer.status, 200, answer.body.toString());
    return answer.json() as CameraReport;
  }

  async untilCamera(id: string, is: (camera: CameraReport) => boolean, timeoutMs = 10_000): Promise<CameraReport> {
    let last: CameraReport | undefined;
    return until(
      async () => {
        last = await this.camera(id);
        return is(last) ? last : undefined;
      },
      { timeoutMs, describe: () => `Expected another report of ${id} than ${JSON.stringify(last)}` },
    );
  }

  untilState(id: string, state: string, timeoutMs?: number): Promise<CameraReport> {
    return this.untilCamera(id, (camera) => camera.state.name === state, timeoutMs);
  }

  /** Leaves as an init system asks it to; a crash, a hang or a secret in the logs fails the test. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) }) as Promise<
      [number | null, string | null]
    >;
    this.#child.kill(signal);
    try {
      const [code, killedBy] = await exited;
      assert.deepEqual({ code, killedBy }, { code: 0, killedBy: null }, this.logs);
    } finally {
      this.#child.kill('SIGKILL');
      await rm(this.#folder, { recursive: true, force: true });
    }
    this.assertNoSecret(this.logs, 'the logs');
  }

  async #ask(method: string, path: string, headers: Record<string, string>, json?: object): Promise<Answer> {
    const response = await fetch(new URL(path, this.origin), {
      method,
      headers: { ...headers, ...(json && { 'content-type': 'application/json' }) },
      ...(json && { body: JSON.stringify(json) }),
    });
    const body = Buffer.from(await response.arrayBuffer());
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      body,
      json: () => JSON.parse(body.toString('utf8')) as unknown,
    };
    if (!response.headers.get('content-type')?.startsWith('image/')) this.assertNoSecret(body.toString(), path);
    this.assertNoSecret(JSON.stringify([...response.headers]), `headers of ${path}`);
    return answer;
  }

  assertNoSecret(text: string, where: string): void {
    for (const secret of this.#secrets) {
      for (const form of [secret, encodeURIComponent(secret)]) {
        assert.ok(!text.includes(form), `Expected no credential in ${where} but found ${JSON.stringify(form)}`);
      }
    }
  }
}

function cameraEnvironment(camera: CameraSettings, index: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(camera).map(([key, value]) => [`CAMERA_${key.toUpperCase()}_${index + 1}`, value as string]),
  );
}

/**
 * `npm run test:stand-in` has every server of a run decode on the stand-in driver, `npm run test:sanitized` with an
 * engine whose memory is watched.
 */
function engineOfTheRun(): Record<string, string | undefined> {
  const ofEngine = ([name]: [string, unknown]) => ENGINE_KEYS.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(ofEngine));
}
