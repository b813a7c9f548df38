import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../services/project-root.js';

/** Pictures a second that the card decodes, on so many decoders at once. */
export async function decodeRate(clip: string, decoders: number, seconds: number): Promise<number> {
  const [rate] = await cardRates('decode', clip, decoders, seconds);
  return rate!;
}

export interface EncodeTime {
  /** Elapsed time by pictures, over all workers. */
  readonly amortisedMs: number;
  /** What one picture takes its worker. */
  readonly eachMs: number;
}

/** JPEGs of one picture of the clip at its own size, by so many workers at once. */
export async function encodeTime(clip: string, workers: number, seconds: number): Promise<EncodeTime> {
  const [amortisedMs, eachMs] = await cardRates('encode', clip, workers, seconds);
  return { amortisedMs: amortisedMs!, eachMs: eachMs! };
}

/** bench/native/card_rates.cc */
async function cardRates(what: string, clip: string, threads: number, seconds: number): Promise<number[]> {
  // Where there are no sources there is no compiler either: what was packed has the program.
  if (existsSync(join(projectRoot, 'bench/native/Makefile'))) {
    execFileSync('make', ['-s', '-C', join(projectRoot, 'bench/native'), '../../build/bench/card_rates']);
  }
  const program = join(projectRoot, 'build/bench/card_rates');
  const { stdout } = await promisify(execFile)(program, [what, clip, String(threads), String(seconds)]);
  return stdout.trim().split(' ').map(Number);
}
