import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import { accessRulesOf } from '../../services/access/access-rules.js';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { buildApp } from '../../app.js';
import type { CameraConfig } from '../../services/cameras/camera-config.js';
import { CameraRegistry } from '../../services/cameras/camera-registry.js';
import { CameraRoster, type RuntimeCameraStore } from '../../services/cameras/camera-roster.js';
import { CameraSource } from '../../services/cameras/camera-source.js';
import { Secret } from '../../services/secret.js';
import type { DecodedFrame, EncodeOptions, GpuStatus } from '../../services/stream/decode-backend.js';
import type { GpuSource } from '../../services/http/gpu-route.js';
import { FakeBackend, fakeJpeg } from './fake-backend.js';
import { FakeStream } from './fake-stream.js';

function playedGpus(gpus: readonly GpuStatus[]): GpuSource {
  return { engine: { name: 'cpu', reason: 'A test plays the engine' }, gpuStatus: () => Promise.resolve(gpus) };
}

export const PASSWORD = 'hidden-pa$$word';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A pino logger whose lines a test can look at. */
export function memoryLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line) as LogLine) });
  return { log, lines };
}

export class FakeEncoder {
  readonly encodes: { readonly sequence: number; readonly options: EncodeOptions }[] = [];
  /** Set to make the next encodes fail. */
  failure: Error | undefined;
  /** Bytes that are added to each picture. */
  padding = 0;
  /** A real JPEG, where the stand-in is not enough. */
  jpeg: Buffer | undefined;
  #gate: Promise<void> | undefined;
  #open: () => void = () => undefined;

  /** Encodes wait until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
    this.#gate = undefined;
  }

  readonly encode = async (frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> => {
    this.encodes.push({ sequence: frame.sequence, options });
    await this.#gate;
    if (this.failure) throw this.failure;
    if (this.jpeg) return this.jpeg;
    return Buffer.concat([fakeJpeg(frame, options), Buffer.alloc(this.padding, ' ')]);
  };
}

export interface TestAppOptions {
  readonly adminToken?: string;
  /** As in .env. */
  readonly apiTokens?: string;
  /** Ids of the cameras of .env; `front` and `yard` when not given. */
  readonly cameras?: readonly string[];
  readonly host?: string;
  readonly allowAnonymous?: boolean;
  readonly allowedOrigins?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly store?: RuntimeCameraStore;
  readonly clientMaxRequests?: number;
  readonly encodeQueueMax?: number;
  readonly readyLivePercent?: number;
  readonly trustProxy?: readonly string[];
  /** What the cards say of themselves; none when not given. */
  readonly gpus?: readonly GpuStatus[];
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly streams: Readonly<Record<string, FakeStream>>;
  readonly added: readonly FakeStream[];
  readonly encoder: FakeEncoder;
  readonly lines: LogLine[];
}

/**
 * The app over cameras `front` and `yard`, whose streams the test plays; cameras that are added get streams of their own
 * in `added`. Closed when the test ends.
 */
export async function startTestApp(t: TestContext, options: TestAppOptions = {}): Promise<TestApp> {
  const { log, lines } = memoryLog();
  const encoder = new FakeEncoder();
  const { cameras = ['front', 'yard'] } = options;
  const streams = Object.fromEntries(cameras.map((id) => [id, new FakeStream()]));
  const added: FakeStream[] = [];
  const configured = cameras.map((id): CameraConfig => {
    const source = new CameraSource(`rtsp://camera.test/${id}?token=${PASSWORD}`, { user: 'u', password: PASSWORD });
    return { id, name: `The ${id}`, source, decode: 'on-demand' };
  });
  const unopened = Object.values(streams);
  const openAdded = () => {
    const stream = new FakeStream();
    added.push(stream);
    return stream;
  };
  const registry = new CameraRegistry({ createDecoder: () => unopened.shift() ?? openAdded() }, log);
  const roster = new CameraRoster(registry, { configured, store: options.store });
  const access = accessRulesOf({
    host: options.host ?? '127.0.0.1',
    apiTokens: options.apiTokens === undefined ? [] : parseAccessTokens(options.apiTokens)!,
    adminToken: options.adminToken === undefined ? undefined : new Secret(options.adminToken),
    allowAnonymous: options.allowAnonymous ?? false,
    allowedOrigins: new Set(options.allowedOrigins),
  });
  assert.ok(access);
  const app = await buildApp({
    registry,
    roster,
    access,
    readiness: { livePercent: options.readyLivePercent ?? 50 },
    requestsPerMinute: options.requestsPerMinute ?? 0,
    encodeJpeg: encoder.encode,
    gpus: playedGpus(options.gpus ?? []),
    engine: new FakeBackend(),
    jpegQuality: 80,
    log,
    clientMaxRequests: options.clientMaxRequests ?? 1000,
    encodeQueueMax: options.encodeQueueMax ?? 1000,
    trustProxy: options.trustProxy,
  });
  registry.start();
  t.after(() => app.close());
  return { app, streams, added, encoder, lines };
}
