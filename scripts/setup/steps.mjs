import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A failure that the person at the keyboard can act on: what failed, the end of its output, what to type. */
export class SetupError extends Error {
  constructor(what, { output = '', remedy = '' } = {}) {
    super([what, output.trimEnd(), remedy].filter(Boolean).join('\n\n'));
  }
}

const TAIL_LINES = 30;

/** Runs a command to its end, quietly; only a failure shows its output. */
export async function runCommand(command, args, { env = {}, remedy = '' } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (outcome !== 0) {
    const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    throw new SetupError(`${[command, ...args].join(' ')} failed (${outcome}).`, { output: tail, remedy });
  }
}

/** The trimmed standard output, or undefined when the command is missing or fails. */
export function readCommand(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : undefined;
}

/** Does the work and prints one line with the time it took. */
export async function timed(title, work) {
  const startedAt = performance.now();
  await work();
  console.log(`setup: ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

const NOT_SOURCES = new Set(['.cache', '.git', 'build', 'dist', 'node_modules']);

/** Every source file below the given folders of `base` whose name ends as asked; an absent folder counts as empty. */
export function listFiles(folders, endings, base = root) {
  const files = [];
  const visit = (folder) => {
    for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) {
        if (!NOT_SOURCES.has(entry.name)) visit(join(folder, entry.name));
      } else if (endings.some((ending) => entry.name.endsWith(ending))) files.push(join(folder, entry.name));
    }
  };
  for (const folder of folders) if (existsSync(join(base, folder))) visit(folder);
  return files.sort();
}

/** A hash over the names and contents of files, and over further facts that the result depends on. */
export function fingerprint(files, ...facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/**
 * A file beside a step's result that holds the fingerprint of what it was made from. It lies in the folder that the
 * step fills, so that deleting the folder also forgets the stamp.
 */
export class Stamp {
  #path;

  constructor(path) {
    this.#path = join(root, path);
  }

  matches(value) {
    return existsSync(this.#path) && readFileSync(this.#path, 'utf8') === value;
  }

  write(value) {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, value);
  }
}
