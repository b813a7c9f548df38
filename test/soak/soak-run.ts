/** `npm run test:soak`: hours of random faults, snapshots and viewers; what grows, and whether every picture was right. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { seededRandom } from '../../simulator/seeded-random.js';
import { collectGarbage } from '../fault/run/garbage.js';
import { processLevel, type ProcessLevel } from '../fault/run/process-level.js';
import { randomSeed, readNumber, runProgram } from '../support/run-program.js';
import { Scenario } from '../fault/run/scenario.js';
import type { Cleanup } from '../support/cleanup.js';
import type { CameraReport, FramewellServer } from '../support/framewell-server.js';
import { CONFIDENCE, trendOf, type Trend } from './trend.js';
import { Visitors } from './visitors.js';

const USAGE = `Usage: npm run test:soak -- [options]
  --hours <n>    how long (default 2)
  --minutes <n>  the same, and beyond the hours
  --cameras <n>  how many, 1-100 (default 100)
  --viewers <n>  most at a time, 0-100 (default 10)
  --seed <n>     chooses faults and visits (default: another one each time)`;

/** Most cameras are well most of the time, and their tries count from one again. */
const LONGEST_PEACE_MS = 120_000;
const SAMPLE_INTERVAL_MS = 10_000;
/** Of the run: tables and heaps grow to what all of it needs at once. Its samples do not count. */
const WARM_UP_SHARE = 0.2;

interface Settings {
  readonly minutes: number;
  readonly cameras: number;
  readonly viewers: number;
  readonly seed: number;
}

interface LevelAt extends ProcessLevel {
  readonly atMs: number;
}

/** Gives what was found wrong. */
async function run({ minutes, viewers, ...options }: Settings, cleanup: Cleanup): Promise<string[]> {
  const { cameras, seed } = options;
  console.log(`${cameras} cameras, up to ${viewers} viewers, ${minutes} min of faults, --seed ${seed}`);
  const scenario = await Scenario.start({ ...options, longestPeaceMs: LONGEST_PEACE_MS }, cleanup);
  await scenario.warmUp();

  const visitors = new Visitors(scenario.server.origin, scenario.cameras, scenario.snapshots);
  const levels: LevelAt[] = [];
  const end = AbortSignal.timeout(minutes * 60_000);
  setMaxListeners(Infinity, end);
  // Seeds of its own: those after the run's own are the cameras' and simulators'.
  const comers = Array.from({ length: viewers }, (_, index) => visitors.come(seededRandom(seed - 1 - index), end));
  await Promise.all([
    scenario.strike(end),
    ...comers,
    takeLevels(scenario.server, levels, end),
    tellProgress(scenario, visitors, end),
  ]);
  const lost = await scenario.recover();
  console.log(`\n${describe(scenario, visitors)}`);
  return [
    ...[scenario.snapshots, scenario.states, visitors].flatMap(({ violations }) => violations),
    ...lost,
    ...judge(levels.slice(Math.ceil(levels.length * WARM_UP_SHARE))),
  ];
}

async function takeLevels(server: FramewellServer, levels: LevelAt[], until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    const next = pause(SAMPLE_INTERVAL_MS, until);
    // What waits for the collector is noise, and more of it than hours of a small leak.
    await collectGarbage(server);
    levels.push({ atMs: performance.now(), ...processLevel(server.pid) });
    await next;
  }
}

async function tellProgress(scenario: Scenario, visitors: Visitors, until: AbortSignal): Promise<void> {
  for (let minute = 0; !until.aborted; minute++) {
    const { cameras } = (await scenario.server.get('/cameras')).json() as { cameras: CameraReport[] };
    const live = cameras.filter(({ state }) => state.name === 'live').length;
    const { threads, descriptors, memoryMiB } = processLevel(scenario.server.pid);
    console.log(
      `minute ${minute}: ${live} of ${cameras.length} cameras live; ${describe(scenario, visitors)}; ` +
        `${memoryMiB.toFixed(1)} MiB, ${descriptors} descriptors, ${threads} threads`,
    );
    await pause(60_000, until);
  }
}

function describe({ toll, snapshots, states }: Scenario, visitors: Visitors): string {
  const faults = [...toll.values()].reduce((sum, count) => sum + count, 0);
  const wrong = [snapshots, states, visitors].reduce((sum, { violations }) => sum + violations.length, 0);
  return (
    `${faults} faults, ${snapshots.answers.get('200') ?? 0} snapshots, ` +
    `${visitors.pictures} pictures of ${visitors.visits - visitors.refusals} visits, ${wrong} found wrong`
  );
}

/** Prints the trends. Gives those that are no accident. */
function judge(levels: readonly LevelAt[]): string[] {
  const kinds = [
    ['memoryMiB', 'MiB'],
    ['descriptors', 'descriptors'],
    ['threads', 'threads'],
  ] as const;
  return kinds.flatMap(([kind, unit]) => {
    const trend = trendOf(levels.map((level) => ({ atMs: level.atMs, value: level[kind] })));
    const text = describeTrend(trend, unit);
    console.log(`${levels.length} samples: ${text}`);
    return Math.abs(trend.perHour) > trend.margin || trend.margin === Infinity ? [text] : [];
  });
}

function describeTrend({ perHour, margin }: Trend, unit: string): string {
  const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
  const slope = `${signed(perHour)} ${unit} an hour`;
  if (margin === Infinity) return `${slope}, of too few independent samples to tell; run longer`;
  const interval = `${signed(perHour - margin)} to ${signed(perHour + margin)}`;
  const verdict = Math.abs(perHour) > margin ? 'a trend' : 'none that can be told from zero';
  return `${slope}, with ${CONFIDENCE * 100} % confidence ${interval}: ${verdict}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}

function readSettings(args: string[]): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { hours: text, minutes: text, cameras: text, viewers: text, seed: text },
  });
  const hours = readNumber('--hours', values.hours ?? (values.minutes === undefined ? '2' : '0'), [0, 7 * 24], USAGE);
  return {
    minutes: hours * 60 + readNumber('--minutes', values.minutes ?? '0', [0, 24 * 60], USAGE),
    cameras: readNumber('--cameras', values.cameras ?? '100', [1, 100], USAGE),
    viewers: readNumber('--viewers', values.viewers ?? '10', [0, 100], USAGE),
    seed: readNumber('--seed', values.seed ?? randomSeed(), [0, 2 ** 32], USAGE),
  };
}

await runProgram((args, cleanup) => run(readSettings(args), cleanup));
