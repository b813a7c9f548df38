import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that is asked to leave and does not is killed after so long. */
const LEAVING_MS = 5_000;

/** A program that is measured from outside. */
export interface Program {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface Launched extends Program {
  readonly child: ChildProcess;
}

export interface LaunchOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio?: StdioOptions;
}

/** Starts a program in an empty folder of its own, so that no .env of whoever runs the benchmark is read. */
export async function launch(
  command: string,
  args: readonly string[],
  { env = {}, stdio = 'ignore' }: LaunchOptions = {},
): Promise<Launched> {
  const cwd = mkdtempSync(join(tmpdir(), 'framewell-bench-'));
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio });
  child.once('exit', () => rmSync(cwd, { recursive: true, force: true }));
  await once(child, 'spawn');
  return { child, pid: child.pid!, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), LEAVING_MS);
  await exited;
  clearTimeout(killing);
}
