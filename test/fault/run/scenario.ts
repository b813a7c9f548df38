import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import type { Auth } from '../../../simulator/behaviour.js';
import { seededRandom } from '../../../simulator/seeded-random.js';
import { SimulatorServer } from '../../../simulator/simulator-server.js';
import type { Cleanup } from '../../support/cleanup.js';
import { FramewellServer, type CameraReport } from '../../support/framewell-server.js';
import { NumberedSource } from '../numbered-source.js';
import { FAULTS, type Random } from './faults.js';
import { FaultyCamera } from './faulty-camera.js';
import { collectGarbage, PRELOAD_COLLECTOR } from './garbage.js';
import { isMendedByAPerson, Operator } from './operator.js';
import { restingLevel, type ProcessLevel } from './process-level.js';
import { SnapshotAuditor } from './snapshot-auditor.js';
import { StateAuditor } from './state-auditor.js';

export interface ScenarioOptions {
  readonly cameras: number;
  readonly seed: number;
  /**
   * From the end of a camera's fault to its next one; three times as long from one power cut to the next. By default
   * long enough for most cameras to come back in between.
   */
  readonly longestPeaceMs?: number;
}

const CLIP = { width: 160, height: 90, fps: 12, gop: 16 };
/** What the numbering has; cameras share them evenly, and play their own again and again. */
const MOST_FRAMES = 4096;
/** Ten seconds. */
const MOST_FRAMES_PER_CAMERA = 128;
const CAMERAS_PER_SERVER = 4;
const AUDIT_INTERVAL_MS = 1000;
/** Whoever takes and verifies them shares the machine with the server. */
const MOST_SNAPSHOTS_PER_SECOND = 50;
/** The longest wait between two tries, and connecting. */
export const RECOVERY_MS = 35_000;
const STALL_TIMEOUT_MS = 3000;
const CONNECT_TIMEOUT_MS = 3000;
/** Decoders close and buffers shrink after the last request. */
const SETTLE_MS = 20_000;
const LONGEST_PEACE_MS = 30_000;
const WARM_UP_STEPS = 8;
/** Stalls and time-outs too come to their end within it. */
const WARM_UP_FAULT_MS = 4000;

const ADMIN_TOKEN = 'token-of-the-operator';
const LOGIN = { user: 'camera-user', password: 'p@ss w%rd#:/?"' };
/** By turns. */
const LOGINS: readonly Auth[] = [
  { scheme: 'none' },
  { scheme: 'basic', ...LOGIN },
  { scheme: 'digest', ...LOGIN, qop: true },
];

/** Simulated cameras, the server that serves them, and those who look on. */
export class Scenario {
  readonly #simulators: readonly SimulatorServer[];
  readonly #cameras: readonly FaultyCamera[];
  readonly #server: FramewellServer;
  readonly #seed: number;
  readonly #longestPeaceMs: number;
  readonly snapshots: SnapshotAuditor;
  readonly states = new StateAuditor({ connectTimeoutMs: CONNECT_TIMEOUT_MS, stallTimeoutMs: STALL_TIMEOUT_MS });
  readonly operator: Operator;
  /** What has been done to the cameras, by name. */
  readonly toll = new Map<string, number>();

  static async start(options: ScenarioOptions, cleanup: Cleanup): Promise<Scenario> {
    const { cameras: count, seed, longestPeaceMs = LONGEST_PEACE_MS } = options;
    const frames = Math.min(MOST_FRAMES_PER_CAMERA, Math.floor(MOST_FRAMES / count / CLIP.gop) * CLIP.gop);
    const source = await NumberedSource.load({ ...CLIP, frames: count * frames });
    const simulators = await Promise.all(
      Array.from({ length: Math.ceil(count / CAMERAS_PER_SERVER) }, async () => {
        return cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
      }),
    );
    const cameras = Array.from({ length: count }, (_, index) => {
      const firstFrame = index * frames;
      const simulator = simulators[Math.floor(index / CAMERAS_PER_SERVER)]!;
      const mount = simulator.addMount(`/camera-${index}`, source.part(firstFrame, frames));
      return new FaultyCamera({ id: `camera-${index}`, mount, firstFrame, auth: LOGINS[index % LOGINS.length]! });
    });
    const server = await FramewellServer.start({
      cameras: cameras.map(({ id, mount }, index) => ({
        ...{ id, url: mount.url, transport: index % 2 ? 'udp' : 'tcp' },
        ...(index % LOGINS.length > 0 && LOGIN),
        // By turns over TCP and UDP, as five is odd.
        ...(index % 5 === 4 && { ingest: 'libav' }),
      })),
      environment: {
        ...{ ADMIN_TOKEN, LOG_LEVEL: 'warn', ...PRELOAD_COLLECTOR },
        ...{ STALL_TIMEOUT_MS: `${STALL_TIMEOUT_MS}`, CONNECT_TIMEOUT_MS: `${CONNECT_TIMEOUT_MS}` },
      },
      secrets: [ADMIN_TOKEN],
    });
    cleanup.add(server, (it) => it.stop());
    return new Scenario({ simulators, cameras, server, seed, longestPeaceMs, source });
  }

  private constructor(parts: {
    simulators: readonly SimulatorServer[];
    cameras: readonly FaultyCamera[];
    server: FramewellServer;
    seed: number;
    longestPeaceMs: number;
    source: NumberedSource;
  }) {
    this.#simulators = parts.simulators;
    this.#cameras = parts.cameras;
    this.#server = parts.server;
    this.#seed = parts.seed;
    this.#longestPeaceMs = parts.longestPeaceMs;
    this.snapshots = new SnapshotAuditor(parts.server, parts.source);
    this.operator = new Operator(parts.server, ADMIN_TOKEN, parts.cameras);
  }

  get server(): FramewellServer {
    return this.#server;
  }

  get cameras(): readonly FaultyCamera[] {
    return this.#cameras;
  }

  /** Every kind of fault, so that the code is compiled and the memory taken that serving and coming back need. */
  async warmUp(): Promise<void> {
    await this.#untilAllLive(() => true);
    for (let step = 0; step < WARM_UP_STEPS; step++) {
      const random = seededRandom(step);
      for (const [index, camera] of this.#cameras.entries()) {
        camera.strike(FAULTS[(index + step * CAMERAS_PER_SERVER) % FAULTS.length]!, random);
      }
      await this.#takeSnapshots(AbortSignal.timeout(WARM_UP_FAULT_MS));
      for (const camera of this.#cameras) camera.mend();
      await this.#untilAllLive(() => true);
    }
    await Promise.all(this.#simulators.map((simulator) => simulator.powerOff()));
    await Promise.all(this.#simulators.map((simulator) => simulator.powerOn()));
    await this.#untilAllLive(() => true);
    this.operator.tries.clear();
  }

  /** What the server holds when it has served all cameras and nothing is left of that. */
  async level(): Promise<ProcessLevel> {
    await this.#takeSnapshots(AbortSignal.timeout(SETTLE_MS));
    // Before the decoders close and the heap is trimmed: freed pictures would else stay in it.
    await collectGarbage(this.#server);
    await delay(SETTLE_MS);
    // V8 makes its space for new objects smaller only when few are made.
    await collectGarbage(this.#server);
    return restingLevel(this.#server.pid);
  }

  /** Random faults at random times, while snapshots are taken. */
  async strike(until: AbortSignal): Promise<void> {
    setMaxListeners(Infinity, until);
    await Promise.all([
      this.#takeSnapshots(until),
      this.#watch(until),
      ...this.#cameras.map((camera, index) => this.#strikeCamera(camera, seededRandom(this.#seed + index), until)),
      ...this.#simulators.map((simulator, index) => {
        return this.#cutPower(simulator, seededRandom(this.#seed + this.#cameras.length + index), until);
      }),
    ]);
  }

  /** Waits for all to be back. Gives what has not come to that. */
  async recover(): Promise<string[]> {
    // What a camera that was busy is left alone for is longer than the bar, as its own next try is.
    const down = await this.#untilAllLive((code) => isMendedByAPerson(code) || code === 'ERR_RTSP_BUSY');
    return [
      ...down.map(({ id, state }) => {
        return `${id} is ${state.name} ${RECOVERY_MS} ms after the faults: ${state.cause?.message}`;
      }),
      ...this.#cameras
        .filter(({ mount }) => mount.playing !== 1)
        .map(({ id, mount }) => `${id} has ${mount.playing} sessions, not one`),
    ];
  }

  async #strikeCamera(camera: FaultyCamera, random: Random, until: AbortSignal): Promise<void> {
    for (;;) {
      await pause(random() * this.#longestPeaceMs, until);
      if (until.aborted) return;
      const fault = FAULTS[Math.floor(random() * FAULTS.length)]!;
      this.#count(fault.name);
      if (!camera.strike(fault, random)) continue;
      await pause(1000 + random() * 5000, until);
      camera.mend();
    }
  }

  async #cutPower(simulator: SimulatorServer, random: Random, until: AbortSignal): Promise<void> {
    for (;;) {
      await pause(random() * 3 * this.#longestPeaceMs, until);
      if (until.aborted) return;
      this.#count('power cut');
      await simulator.powerOff();
      await pause(1000 + random() * 5000, until);
      await simulator.powerOn();
    }
  }

  async #takeSnapshots(until: AbortSignal): Promise<void> {
    setMaxListeners(Infinity, until);
    const intervalMs = Math.max(AUDIT_INTERVAL_MS, (this.#cameras.length * 1000) / MOST_SNAPSHOTS_PER_SECOND);
    await Promise.all(
      this.#cameras.map(async (camera) => {
        while (!until.aborted) await Promise.all([this.snapshots.audit(camera), pause(intervalMs, until)]);
      }),
    );
  }

  async #watch(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const reports = await this.#reports();
      this.states.audit(reports);
      await this.operator.attend(reports, isMendedByAPerson);
      await pause(AUDIT_INTERVAL_MS, until);
    }
  }

  /** While the operator attends to such causes. Gives the cameras that are not live when the time is up. */
  async #untilAllLive(isCause: (code: string) => boolean): Promise<readonly CameraReport[]> {
    const deadlineMs = performance.now() + RECOVERY_MS;
    for (;;) {
      const reports = await this.#reports();
      this.states.audit(reports);
      const down = reports.filter(({ state }) => state.name !== 'live');
      if (down.length === 0 || performance.now() > deadlineMs) return down;
      await this.operator.attend(down, isCause);
      await delay(100);
    }
  }

  async #reports(): Promise<readonly CameraReport[]> {
    const { cameras } = (await this.#server.get('/cameras')).json() as { cameras: CameraReport[] };
    return cameras;
  }

  #count(name: string): void {
    this.toll.set(name, (this.toll.get(name) ?? 0) + 1);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
