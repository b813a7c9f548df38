import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { pino, type Logger } from 'pino';
import { readAccessRules } from './services/access-settings.js';
import type { CameraConfig } from './services/cameras/camera-config.js';
import { CameraRegistry } from './services/cameras/camera-registry.js';
import { CameraRoster } from './services/cameras/camera-roster.js';
import { CameraSource } from './services/cameras/camera-source.js';
import { StateFile } from './services/cameras/state-file.js';
import type { Environment } from './services/config-key.js';
import { ENV_FILE, loadConfig, readEnvironment, type Config } from './services/config.js';
import { leaveInOrder } from './services/leaving.js';
import { createLog, toggleDebug } from './services/log.js';
import { systemClock } from './services/stream/clock.js';
import { settingsReloader } from './services/settings-reload.js';
import { watchSettings } from './services/settings-watch.js';
import { StreamDecoderFactory } from './services/stream/stream-decoder-factory.js';
import { certificateFilesOf, followCertificate, loadCertificate } from './services/tls-files.js';
import { Webhook } from './services/webhook.js';
import type { DemoCamera } from './simulator/demo-camera.js';

/** For each thread that decodes, where ENCODE_QUEUE_MAX does not say: 2 to 4 s of work where all decoders are cold. */
const PICTURES_PER_THREAD = 64;

/** For the person who started it; the log goes to stderr, as JSON for programs. */
function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** Puts the server together, from the settings up, and starts it. It ends with the process. */
export async function serve(): Promise<void> {
  const config = loadConfig(readSettings());
  // Written synchronously, so that the last line before an exit is not lost.
  await start(config, createLog(config.logLevel, pino.destination({ fd: 2, sync: true })));
}

async function start(config: Config, log: Logger): Promise<void> {
  // All that the settings may have wrong comes before the first camera is connected to.
  const access = readAccessRules(config);
  const files = certificateFilesOf(config);
  const tls = files && (await loadCertificate(files));
  const store = config.stateFile ? new StateFile(config.stateFile, config.stateFileCredentials) : undefined;
  const runtime = (await store?.read()) ?? [];
  const demo = config.cameras.length + runtime.length === 0 ? await startDemo() : undefined;
  const factory = StreamDecoderFactory.getInstance(config.gpuId, {
    engine: config.engine,
    ...(config.gpuIds && { gpuIds: config.gpuIds }),
    jpegQuality: config.jpegQuality,
    connectConcurrency: config.connectConcurrency,
    workThreads: workThreads(config),
    ...(config.cameraNetworks && { cameraNetworks: config.cameraNetworks }),
  });
  log.info({ engine: factory.engine }, 'Engine chosen');
  const registry = new CameraRegistry(
    {
      createDecoder: (source, { decode }) => factory.createDecoder(source, { decode, ...streamOptions(config) }),
    },
    log,
  );
  const configured = demo ? [demoConfig(demo.url)] : config.cameras;
  const roster = new CameraRoster(registry, { configured, runtime, store });
  const reload = settingsReloader(readSettings, roster, log);
  const stopWatching = watchSettings(ENV_FILE, () => void reload(), log);
  const webhook = config.webhookUrl
    ? new Webhook({ url: config.webhookUrl, secret: config.webhookSecret, log, clock: systemClock })
    : undefined;
  if (webhook) registry.onEvent((event) => webhook.tell(event));
  process.on('SIGUSR2', () => toggleDebug(log, config.logLevel));
  const open: { close(): Promise<unknown> }[] = [factory];
  leaveInOrder(async () => {
    stopWatching();
    void webhook?.close();
    // At once: a request that waits for a picture ends only with its stream.
    await Promise.all(open.map((each) => each.close()));
    await demo?.close();
  }, log);

  registry.start();
  // The cameras connect while it is loaded, which takes most of the start.
  const { buildApp } = await import('./app.js');
  const app = await buildApp({
    registry,
    roster,
    clientMaxRequests: config.clientMaxRequests,
    encodeQueueMax: config.encodeQueueMax || PICTURES_PER_THREAD * workThreads(config),
    requestsPerMinute: config.requestsPerMinute,
    access,
    readiness: { livePercent: config.readyLivePercent },
    trustProxy: config.trustProxy,
    tls,
    encodeJpeg: (frame, options) => factory.encodeJpeg(frame, options),
    gpus: factory,
    engine: factory,
    jpegQuality: config.jpegQuality,
    log,
  });
  if (tls) {
    const stopFollowing = followCertificate(app.server as HttpsServer, files, tls, { log, clock: systemClock });
    app.addHook('onClose', async () => stopFollowing());
  }
  await app.listen({ host: config.host, port: config.port });
  open.unshift(app);
  if (demo) say('No camera is configured (CAMERA_URL_1 in .env), so the built-in demo camera is shown.');
  say(`Framewell is at ${pageAddress(app.server.address() as AddressInfo, tls ? 'https' : 'http')}`);
}

/** Loaded only where it is shown: the simulator and its libraries are nobody else's. */
async function startDemo(): Promise<DemoCamera> {
  const { startDemoCamera } = await import('./simulator/demo-camera.js');
  return startDemoCamera();
}

/** Threads that decode and encode. */
function workThreads({ decodeThreads }: Config): number {
  return decodeThreads || availableParallelism();
}

/** As they are now. */
function readSettings(): Environment {
  return readEnvironment(process.env, ENV_FILE);
}

function demoConfig(url: string): CameraConfig {
  return { id: 'demo', name: 'Demo camera', source: new CameraSource(url), decode: 'on-demand' };
}

function streamOptions(config: Config) {
  return {
    lingerMs: config.decodeLingerMs,
    ringMaxBytes: config.gopRingMaxBytes,
    bufferSize: config.frameBufferSize,
    connectTimeoutMs: config.connectTimeoutMs,
    stallTimeoutMs: config.stallTimeoutMs,
    lossPolicy: config.lossPolicy,
  };
}

/** Where a browser on this machine finds the page. */
function pageAddress({ address, port }: AddressInfo, scheme: 'http' | 'https'): string {
  if (address === '0.0.0.0' || address === '::')
    return `${scheme}://localhost:${port}/, on every network of this machine`;
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}/`;
}
