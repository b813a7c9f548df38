import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import type { Cleanup } from '../support/cleanup.js';
import { growth, processLevel, type ProcessLevel } from './run/process-level.js';
import { randomSeed, readNumber, runProgram } from '../support/run-program.js';
import { RECOVERY_MS, Scenario } from './run/scenario.js';

const USAGE = `Usage: npm run test:fault -- [options]
  --minutes <n>  how long faults happen (default 10)
  --cameras <n>  how many cameras, 1-32 (default 32)
  --seed <n>     chooses the faults (default: another one each time)`;

const MAX_GROWTH = 0.05;

interface Settings {
  readonly minutes: number;
  readonly cameras: number;
  readonly seed: number;
}

/** Gives what was found wrong. */
async function run({ minutes, ...options }: Settings, cleanup: Cleanup): Promise<string[]> {
  console.log(`${options.cameras} cameras, ${minutes} min of faults, --seed ${options.seed}`);
  const scenario = await Scenario.start(options, cleanup);
  await scenario.warmUp();
  const before = await scenario.level();

  const faultsEnd = AbortSignal.timeout(minutes * 60_000);
  await Promise.all([scenario.strike(faultsEnd), logLevels(scenario.server.pid, faultsEnd)]);
  const endedAtMs = performance.now();
  const lost = await scenario.recover();
  const recoveryMs = performance.now() - endedAtMs;

  const after = await scenario.level();
  report(scenario, recoveryMs);
  console.log(`before: ${describeLevel(before)}\nafter: ${describeLevel(after)}`);
  return [...scenario.snapshots.violations, ...scenario.states.violations, ...lost, ...levelsLeft(before, after)];
}

/** A line a minute: a leak shows as a slope. */
async function logLevels(pid: number, until: AbortSignal): Promise<void> {
  for (let minute = 0; !until.aborted; minute++) {
    console.log(`minute ${minute}: ${describeLevel(processLevel(pid))}`);
    await delay(60_000, undefined, { signal: until }).catch(() => undefined);
  }
}

function levelsLeft(before: ProcessLevel, after: ProcessLevel): string[] {
  return Object.entries(growth(before, after))
    .filter(([, share]) => Math.abs(share) > MAX_GROWTH)
    .map(([kind, share]) => `${kind} is at ${(100 + share * 100).toFixed(1)} % of the start's`);
}

function report({ toll, snapshots, operator }: Scenario, recoveryMs: number): void {
  printCounts('Faults', toll);
  printCounts('Tries that the operator asked for', operator.tries);
  printCounts('Snapshots', snapshots.answers);
  console.log(`  oldest: ${snapshots.oldestMs} ms`);
  console.log(`  received at most ${snapshots.longestTransitMs} ms from when it was sent`);
  console.log(`\nAll live after ${(recoveryMs / 1000).toFixed(1)} s; expected within ${RECOVERY_MS / 1000} s`);
}

function printCounts(title: string, counts: ReadonlyMap<string, number>): void {
  console.log(`\n${title}:`);
  for (const [name, count] of [...counts].sort(([one], [other]) => one.localeCompare(other))) {
    console.log(`  ${String(count).padStart(5)} ${name}`);
  }
}

function describeLevel({ threads, descriptors, memoryMiB }: ProcessLevel): string {
  return `${threads} threads, ${descriptors} descriptors, ${memoryMiB.toFixed(1)} MiB resident`;
}

function readSettings(args: string[]): Settings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { minutes: text, cameras: text, seed: text } });
  return {
    minutes: readNumber('--minutes', values.minutes ?? '10', [0.1, 24 * 60], USAGE),
    cameras: readNumber('--cameras', values.cameras ?? '32', [1, 32], USAGE),
    seed: readNumber('--seed', values.seed ?? randomSeed(), [0, 2 ** 32], USAGE),
  };
}

await runProgram((args, cleanup) => run(readSettings(args), cleanup));
