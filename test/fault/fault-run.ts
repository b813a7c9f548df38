import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { seededRandom } from '../../simulator/seeded-random.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { NumberedSource } from './numbered-source.js';
import { endFaults, FAULTS, type Random } from './run/faults.js';
import { growth, processLevel, type ProcessLevel } from './run/process-level.js';
import { SnapshotAuditor, type AuditedCamera } from './run/snapshot-auditor.js';

const USAGE = `Usage: npm run test:fault -- [options]
  --minutes <n>  how long faults happen (default 10)
  --cameras <n>  how many cameras, 1-32 (default 32)
  --seed <n>     chooses the faults (default: another one each time)`;

/** The numbering has 4096 frames: 32 cameras of 128, ten seconds each, then their own frames again. */
const FRAMES_PER_CAMERA = 128;
const CAMERAS_PER_SERVER = 4;
/** The longest wait between two tries, and connecting. */
const RECOVERY_MS = 35_000;
const MAX_GROWTH = 0.05;
/** Decoders close and buffers shrink after the last request. */
const SETTLE_MS = 20_000;
const SNAPSHOT_INTERVAL_MS = 1000;
const ENVIRONMENT = { STALL_TIMEOUT_MS: '3000', CONNECT_TIMEOUT_MS: '3000', LOG_LEVEL: 'warn' };

interface Settings {
  readonly minutes: number;
  readonly cameras: number;
  readonly seed: number;
}

/** What has been done to the cameras, by name. */
type Toll = Map<string, number>;

async function run({ minutes, cameras: count, seed }: Settings, cleanup: Cleanup): Promise<string[]> {
  console.log(`${count} cameras, ${minutes} min of faults, --seed ${seed}`);
  const source = await NumberedSource.load({
    width: 160,
    height: 90,
    fps: 12,
    gop: 16,
    frames: count * FRAMES_PER_CAMERA,
  });
  const simulators = await Promise.all(
    Array.from({ length: Math.ceil(count / CAMERAS_PER_SERVER) }, () => listen(cleanup)),
  );
  const cameras = Array.from({ length: count }, (_, index): AuditedCamera => {
    const firstFrame = index * FRAMES_PER_CAMERA;
    const simulator = simulators[Math.floor(index / CAMERAS_PER_SERVER)]!;
    const mount = simulator.addMount(`/camera-${index}`, source.part(firstFrame, FRAMES_PER_CAMERA));
    return { id: `camera-${index}`, mount, firstFrame };
  });
  const server = await FramewellServer.start({
    cameras: cameras.map(({ id, mount }, index) => ({ id, url: mount.url, transport: index % 2 ? 'udp' : 'tcp' })),
    environment: { ...ENVIRONMENT, ...libavEnvironment(count) },
  });
  cleanup.add(server, (it) => it.stop());
  const auditor = new SnapshotAuditor(server, source);
  const takeSnapshots = (signal: AbortSignal): Promise<unknown> => {
    setMaxListeners(Infinity, signal);
    return Promise.all(cameras.map((camera) => auditRegularly(auditor, camera, signal)));
  };

  await untilAllLive(server, count);
  // The code is compiled and the memory taken that serving and coming back need.
  await Promise.all(simulators.map((simulator) => simulator.powerOff()));
  await Promise.all(simulators.map((simulator) => simulator.powerOn()));
  await untilAllLive(server, count);
  await takeSnapshots(AbortSignal.timeout(SETTLE_MS));
  await delay(SETTLE_MS);
  const before = processLevel(server.pid);

  const toll: Toll = new Map();
  const faultsEnd = AbortSignal.timeout(minutes * 60_000);
  await Promise.all([
    takeSnapshots(faultsEnd),
    logLevels(server.pid, faultsEnd),
    ...cameras.map(({ mount }, index) => {
      return repeat(seededRandom(seed + index), faultsEnd, async (random) => {
        const fault = FAULTS[Math.floor(random() * FAULTS.length)]!;
        tally(toll, fault.name);
        const lasting = fault.begin(mount, random);
        if (!lasting) return;
        mount.change(lasting);
        await pause(1000 + random() * 5000, faultsEnd);
        endFaults(mount);
      });
    }),
    ...simulators.map((simulator, index) => {
      return repeat(seededRandom(seed + count + index), faultsEnd, async (random) => {
        await pause(random() * 60_000, faultsEnd);
        if (faultsEnd.aborted) return;
        tally(toll, 'power cut');
        await simulator.powerOff();
        await pause(1000 + random() * 5000, faultsEnd);
        await simulator.powerOn();
      });
    }),
  ]);

  const endedAtMs = performance.now();
  const failures: string[] = [];
  const down = await untilAllLive(server, count);
  const recoveryMs = performance.now() - endedAtMs;
  for (const { id, state } of down)
    failures.push(`${id} is ${state.name} ${RECOVERY_MS} ms after the faults: ${state.cause?.message}`);
  await takeSnapshots(AbortSignal.timeout(5000));
  await delay(SETTLE_MS);
  const after = processLevel(server.pid);
  failures.push(...auditor.violations, ...sessionsLeftOpen(cameras), ...levelsLeft(before, after));
  report({ toll, auditor, recoveryMs, before, after });
  return failures;
}

async function listen(cleanup: Cleanup): Promise<SimulatorServer> {
  return cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
}

/** Every fifth camera is received by libavformat, by turns over TCP and UDP. */
function libavEnvironment(count: number): Record<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1).filter((number) => number % 5 === 0);
  return Object.fromEntries(numbers.map((number) => [`CAMERA_INGEST_${number}`, 'libav']));
}

/** Does it again and again, with pauses, until the signal. */
async function repeat(random: Random, until: AbortSignal, once: (random: Random) => Promise<void>): Promise<void> {
  for (;;) {
    // Long enough for most cameras to come back in between.
    await pause(random() * 30_000, until);
    if (until.aborted) return;
    await once(random);
  }
}

async function auditRegularly(auditor: SnapshotAuditor, camera: AuditedCamera, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await Promise.all([auditor.audit(camera), pause(SNAPSHOT_INTERVAL_MS, until)]);
  }
}

/** A line a minute: a leak shows as a slope. */
async function logLevels(pid: number, until: AbortSignal): Promise<void> {
  for (let minute = 0; !until.aborted; minute++) {
    console.log(`minute ${minute}: ${describeLevel(processLevel(pid))}`);
    await pause(60_000, until);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

/** The cameras that are not live when the time is up. */
async function untilAllLive(server: FramewellServer, count: number): Promise<CameraReport[]> {
  const deadlineMs = performance.now() + RECOVERY_MS;
  for (;;) {
    const { cameras } = (await server.get('/cameras')).json() as { cameras: CameraReport[] };
    const down = cameras.filter(({ state }) => state.name !== 'live');
    if (cameras.length === count && (down.length === 0 || performance.now() > deadlineMs)) return down;
    await delay(100);
  }
}

function sessionsLeftOpen(cameras: readonly AuditedCamera[]): string[] {
  return cameras
    .filter(({ mount }) => mount.playing !== 1)
    .map(({ id, mount }) => `${id} has ${mount.playing} sessions, not one`);
}

function levelsLeft(before: ProcessLevel, after: ProcessLevel): string[] {
  return Object.entries(growth(before, after))
    .filter(([, share]) => Math.abs(share) > MAX_GROWTH)
    .map(([kind, share]) => `${kind} is at ${(100 + share * 100).toFixed(1)} % of the start's`);
}

function tally(toll: Toll, name: string): void {
  toll.set(name, (toll.get(name) ?? 0) + 1);
}

function report(result: {
  toll: Toll;
  auditor: SnapshotAuditor;
  recoveryMs: number;
  before: ProcessLevel;
  after: ProcessLevel;
}): void {
  const { toll, auditor, recoveryMs, before, after } = result;
  console.log('\nFaults:');
  for (const [name, count] of [...toll].sort(([one], [other]) => one.localeCompare(other))) {
    console.log(`  ${String(count).padStart(5)} ${name}`);
  }
  console.log('\nSnapshots:');
  for (const [answer, count] of [...auditor.answers].sort()) console.log(`  ${String(count).padStart(5)} ${answer}`);
  console.log(`  oldest: ${auditor.oldestMs} ms`);
  console.log(`\nAll live after ${(recoveryMs / 1000).toFixed(1)} s`);
  console.log(`before: ${describeLevel(before)}\nafter: ${describeLevel(after)}`);
}

function describeLevel({ threads, descriptors, memoryMiB }: ProcessLevel): string {
  return `${threads} threads, ${descriptors} descriptors, ${memoryMiB.toFixed(1)} MiB resident`;
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { minutes: text, cameras: text, seed: text } });
  return {
    minutes: readNumber('--minutes', values.minutes ?? '10', 0.1, 24 * 60),
    cameras: readNumber('--cameras', values.cameras ?? '32', 1, 32),
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
