import { constants } from 'node:os';

import { Cleanup } from './cleanup.js';

/** A number that was given on the command line. Throws an Error with `usage` when it is none between the bounds. */
export function readNumber(
  name: string,
  text: string,
  [least, most]: readonly [number, number],
  usage: string,
): number {
  const number = Number(text);
  if (text === '' || !(number >= least && number <= most)) {
    throw new Error(`Expected number ${least}-${most} for ${name} but received ${text}\n${usage}`);
  }
  return number;
}

/** Another one each time, short enough to be typed. */
export function randomSeed(): string {
  return String(Date.now() % 1_000_000);
}

/**
 * Runs a program that gives what it found wrong, prints that, and sets the exit status. Whatever it began is ended, also
 * when somebody interrupts it.
 */
export async function runProgram(run: (args: string[], cleanup: Cleanup) => Promise<readonly string[]>): Promise<void> {
  const cleanup = new Cleanup();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanup.run().finally(() => process.exit(128 + constants.signals[signal])));
  }
  try {
    const failures = await run(process.argv.slice(2), cleanup);
    for (const failure of failures) console.error(`FAILED ${failure}`);
    console.log(failures.length === 0 ? 'Passed' : `Failed: ${failures.length} found wrong`);
    if (failures.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await cleanup.run();
  }
}
