/** `npm run test:soak`: hours of random faults and viewers; what grows, and whether every picture was right. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../simulator/seeded-random.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { NumberedSource } from '../fault/numbered-source.js';
import { endFaults, FAULTS, type Random } from '../fault/run/faults.js';
import { processLevel, type ProcessLevel } from '../fault/run/process-level.js';
import { SnapshotAuditor, type AuditedCamera } from '../fault/run/snapshot-auditor.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { isFlat, slopeOf } from './slope.js';
import { Visitors } from './visitors.js';

const USAGE = `Usage: npm run test:soak -- [options]
  --minutes <n>  how long (default 120)
  --cameras <n>  how many, 1-100 (default 100)
  --viewers <n>  most at a time (default 10)
  --seed <n>     chooses faults and visits (default: another one each time)`;

/** The numbering has 4096 frames: 100 cameras of 40, eight seconds each, then their own frames again. */
const CLIP = { width: 160, height: 90, fps: 5, gop: 8 };
const FRAMES_PER_CAMERA = 40;
const CAMERAS_PER_SERVER = 4;
const SNAPSHOT_INTERVAL_MS = 2_000;
const LONGEST_PEACE_MS = 60_000;
const LONGEST_FAULT_MS = 6_000;
const SAMPLE_INTERVAL_MS = 5_000;
/** Of the run: code is compiled and memory taken that all of it needs. */
const WARM_UP_SHARE = 0.2;
/** The longest wait between two tries, and connecting. */
const RECOVERY_MS = 40_000;
const ENVIRONMENT = { STALL_TIMEOUT_MS: '3000', CONNECT_TIMEOUT_MS: '3000', LOG_LEVEL: 'error' };

interface Settings {
  readonly minutes: number;
  readonly cameras: number;
  readonly viewers: number;
  readonly seed: number;
}

interface Sample extends ProcessLevel {
  readonly atMs: number;
}

/** Gives what was found wrong. */
async function run({ minutes, cameras: count, viewers, seed }: Settings, cleanup: Cleanup): Promise<string[]> {
  console.log(`${count} cameras, up to ${viewers} viewers, ${minutes} min, --seed ${seed}`);
  const source = await NumberedSource.load({ ...CLIP, frames: count * FRAMES_PER_CAMERA });
  const cameras = await startCameras(source, count, cleanup);
  const server = await FramewellServer.start({
    cameras: cameras.map(({ id, mount }, index) => ({ id, url: mount.url, transport: index % 2 ? 'udp' : 'tcp' })),
    environment: ENVIRONMENT,
  });
  cleanup.add(server, (it) => it.stop());
  await untilAllLive(server);

  const auditor = new SnapshotAuditor(server, source);
  const visitors = new Visitors(
    server.origin,
    source,
    cameras.map(({ id, firstFrame }) => ({ id, firstFrame, frames: FRAMES_PER_CAMERA })),
  );
  const samples: Sample[] = [];
  const end = AbortSignal.timeout(minutes * 60_000);
  setMaxListeners(Infinity, end);
  await Promise.all([
    takeSamples(server.pid, samples, end),
    ...cameras.map((camera) => auditRegularly(auditor, camera, end)),
    ...cameras.map(({ mount }, index) => strike(mount, seededRandom(seed + index), end)),
    ...Array.from({ length: viewers }, (_, index) => visitors.come(seededRandom(seed + count + index), end)),
  ]);

  const down = await untilAllLive(server);
  console.log(
    `\n${auditor.answers.get('200') ?? 0} snapshots and ${visitors.pictures} pictures of ${visitors.visits} visits`,
  );
  printSlopes(samples.slice(Math.floor(samples.length * WARM_UP_SHARE)));
  return [
    ...auditor.violations,
    ...visitors.violations,
    ...down.map(
      ({ id, state }) => `${id} is ${state.name} ${RECOVERY_MS} ms after the faults: ${state.cause?.message}`,
    ),
  ];
}

async function startCameras(source: NumberedSource, count: number, cleanup: Cleanup): Promise<AuditedCamera[]> {
  const simulators = await Promise.all(
    Array.from({ length: Math.ceil(count / CAMERAS_PER_SERVER) }, async () =>
      cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close()),
    ),
  );
  return Array.from({ length: count }, (_, index) => {
    const firstFrame = index * FRAMES_PER_CAMERA;
    const simulator = simulators[Math.floor(index / CAMERAS_PER_SERVER)]!;
    const mount = simulator.addMount(`/camera-${index}`, source.part(firstFrame, FRAMES_PER_CAMERA));
    return { id: `camera-${index}`, mount, firstFrame };
  });
}

/** Faults at random times; most cameras are well most of the time. */
async function strike(mount: AuditedCamera['mount'], random: Random, until: AbortSignal): Promise<void> {
  for (;;) {
    await pause(random() * LONGEST_PEACE_MS, until);
    if (until.aborted) return;
    const lasting = FAULTS[Math.floor(random() * FAULTS.length)]!.begin(mount, random);
    if (!lasting) continue;
    mount.change(lasting);
    await pause(1000 + random() * (LONGEST_FAULT_MS - 1000), until);
    endFaults(mount);
  }
}

async function auditRegularly(auditor: SnapshotAuditor, camera: AuditedCamera, until: AbortSignal): Promise<void> {
  while (!until.aborted) await Promise.all([auditor.audit(camera), pause(SNAPSHOT_INTERVAL_MS, until)]);
}

async function takeSamples(pid: number, samples: Sample[], until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    samples.push({ atMs: performance.now(), ...processLevel(pid) });
    await pause(SAMPLE_INTERVAL_MS, until);
  }
}

function printSlopes(samples: readonly Sample[]): void {
  for (const [kind, unit] of [
    ['memoryMiB', 'MiB'],
    ['descriptors', 'descriptors'],
    ['threads', 'threads'],
  ] as const) {
    const slope = slopeOf(samples.map((sample) => ({ atMs: sample.atMs, value: sample[kind] })));
    const { perHour, uncertainty } = slope;
    console.log(
      `${samples.at(0)![kind].toFixed(1)} to ${samples.at(-1)![kind].toFixed(1)} ${unit}: ${perHour.toFixed(2)} an ` +
        `hour, +-${uncertainty.toFixed(2)}${isFlat(slope) ? ', so none' : ''}`,
    );
  }
}

/** The cameras that are not live when the time is up. */
async function untilAllLive(server: FramewellServer): Promise<CameraReport[]> {
  const deadlineMs = performance.now() + RECOVERY_MS;
  for (;;) {
    const { cameras } = (await server.get('/cameras')).json() as { cameras: CameraReport[] };
    const down = cameras.filter(({ state }) => state.name !== 'live');
    if (down.length === 0 || performance.now() > deadlineMs) return down;
    await delay(250);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, cameras: text, viewers: text, seed: text },
  });
  return {
    minutes: readNumber('--minutes', values.minutes ?? '120', 1, 7 * 24 * 60),
    cameras: readNumber('--cameras', values.cameras ?? '100', 1, 100),
    viewers: readNumber('--viewers', values.viewers ?? '10', 0, 1000),
    seed: readNumber('--seed', values.seed ?? String(Date.now() % 1_000_000), 0, 2 ** 32),
  };
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text === '' || !(number >= least && number <= most)) {
    throw new Error(`Expected number ${least}-${most} for ${name} but received ${text}\n${USAGE}`);
  }
  return number;
}

const cleanup = new Cleanup();
try {
  const failures = await run(readSettings(process.argv.slice(2)), cleanup);
  for (const failure of failures) console.error(`FAILED ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cleanup.run();
}
