import assert from 'node:assert/strict';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { ALLOWANCE } from './allowance.js';
import type { Cleanup } from './cleanup.js';
import { FramewellServer } from './framewell-server.js';
import { numberedClip } from './numbered-clip.js';
import { RemoteViewer } from './remote-viewer.js';
import { until } from './until.js';

export const VIEWER_TOKEN = 'token-of-who-sees-every';
export const ADMIN_TOKEN = 'token-of-who-may-change';
const PASSWORD = 'pass-of-the-camera';

const bearer = { authorization: `Bearer ${VIEWER_TOKEN}` };

/** Pictures a second: of the camera, and of a viewer who takes few enough not to miss many while a test is busy. */
const CAMERA_FPS = 25;
const VIEWER_FPS = 5;
/** Share of the camera's pictures that may be skipped, on cores that the crowd of the test takes its part of. */
const MOST_NOT_DECODED = 0.1;
/** Of the viewer's: on such cores some of the moments at which one is due pass before the server gets to them. */
const MOST_NOT_SHOWN = 0.5;
const MOST_NOT_SHOWN_AT_ONCE = 3;
/** On their way when they are counted: between camera, engine and viewer. */
const ON_THEIR_WAY = 5;
/** Some of it is garbage that nobody has had a reason to collect yet. */
const MOST_GROWTH_BYTES = 128 * 1024 * 1024 * ALLOWANCE;
/** Of the event loop: of half of its turns, and of all but a hundredth, which a busy machine makes longer. */
const MOST_USUAL_DELAY_S = 0.05 * ALLOWANCE;
const MOST_RARE_DELAY_S = 1.2 * ALLOWANCE;
/** Of the clients of this test that keep a connection. */
const KEPT_CONNECTIONS = 3;

interface Level {
  readonly sent: number;
  readonly received: number;
  readonly decoded: number;
  readonly shown: number;
  readonly sessions: number;
  readonly descriptors: number;
  readonly residentBytes: number;
  readonly usualDelayS: number;
  readonly rareDelayS: number;
}

/** A server with a camera and a viewer, who are to notice nothing of what is done to it. */
export class HostileTarget {
  readonly server: FramewellServer;
  readonly port: number;
  readonly #mount: Mount;
  readonly #viewer: RemoteViewer;
  #before: Level | undefined;

  private constructor(server: FramewellServer, mount: Mount, viewer: RemoteViewer) {
    this.server = server;
    this.port = Number(new URL(server.origin).port);
    this.#mount = mount;
    this.#viewer = viewer;
  }

  static async start(cleanup: Cleanup, environment: Readonly<Record<string, string>> = {}): Promise<HostileTarget> {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const mount = simulator.addMount('/front', await loadClip((await numberedClip({ fps: CAMERA_FPS })).path));
    const server = await FramewellServer.start({
      cameras: [{ id: 'front', url: mount.url, user: 'camera-user', password: PASSWORD, decode: 'always' }],
      environment: {
        API_TOKENS: `anna:viewer:*:${VIEWER_TOKEN}, root:admin:*:${ADMIN_TOKEN}`,
        ...environment,
      },
      secrets: [VIEWER_TOKEN, ADMIN_TOKEN],
    });
    cleanup.add(server, (it) => it.stop());
    const path = `/cameras/front/stream?fps=${VIEWER_FPS}`;
    const viewer = await RemoteViewer.start({ origin: server.origin, path, headers: bearer });
    cleanup.add(viewer, (it) => it.stop());
    await until(async () => (await viewer.shown()) > 2 * VIEWER_FPS || undefined, {
      timeoutMs: 20_000,
      describe: () => 'Expected pictures at the viewer',
    });
    const target = new HostileTarget(server, mount, viewer);
    target.#before = await target.#measure();
    return target;
  }

  /**
   * Fails where anything of what was done since the start was felt: by the camera, the viewer, the process's memory,
   * descriptors and event loop, or in the log. Takes the answers, which must not show a secret either.
   */
  async assertUnharmed(answers: readonly Buffer[] = []): Promise<void> {
    const before = this.#before!;
    const after = await this.#measure();
    const facts = JSON.stringify({ before, after });
    const least = after.sent - before.sent - ON_THEIR_WAY;
    const leastShown = (least * (1 - MOST_NOT_SHOWN) * VIEWER_FPS) / CAMERA_FPS - MOST_NOT_SHOWN_AT_ONCE;
    assert.equal(after.sessions, before.sessions, `Expected the camera to stay connected: ${facts}`);
    assert.ok(after.received - before.received >= least, `Expected every access unit of the camera: ${facts}`);
    const leastDecoded = least * (1 - MOST_NOT_DECODED);
    assert.ok(after.decoded - before.decoded >= leastDecoded, `Expected pictures to be decoded: ${facts}`);
    assert.ok(after.shown - before.shown >= leastShown, `Expected pictures at the viewer: ${facts}`);
    assert.ok(after.residentBytes - before.residentBytes < MOST_GROWTH_BYTES, `Expected bounded memory: ${facts}`);
    assert.ok(after.usualDelayS < MOST_USUAL_DELAY_S, `Expected an event loop that turns: ${facts}`);
    assert.ok(after.rareDelayS < MOST_RARE_DELAY_S, `Expected a bounded delay of the event loop: ${facts}`);
    await until(async () => (await this.#measure()).descriptors <= before.descriptors + KEPT_CONNECTIONS || undefined, {
      timeoutMs: 10_000,
      describe: () => `Expected the descriptors to be back: ${facts}`,
    });
    const faults = this.server.logs.split('\n').filter((line) => /"level":[56]0/.test(line));
    assert.deepEqual(faults, []);
    for (const answer of answers) this.server.assertNoSecret(answer.toString('latin1'), 'an answer');
  }

  async #measure(): Promise<Level> {
    const metrics = (await this.server.get('/metrics', bearer)).body.toString();
    const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)![1]);
    const camera = (await this.server.get('/cameras/front', bearer)).json() as {
      readonly counters: { readonly accessUnits: number; readonly decodedFrames: number; readonly sessions: number };
    };
    return {
      sent: this.#mount.counters.accessUnits,
      received: camera.counters.accessUnits,
      decoded: camera.counters.decodedFrames,
      shown: await this.#viewer.shown(),
      sessions: camera.counters.sessions,
      descriptors: figure('process_open_fds'),
      residentBytes: figure('process_resident_memory_bytes'),
      // Since the figures were last asked for.
      usualDelayS: figure('nodejs_eventloop_lag_p50_seconds'),
      rareDelayS: figure('nodejs_eventloop_lag_p99_seconds'),
    };
  }
}
