// Runs the compiled tests of the named folders below test/ with Node's runner; what begins with a dash goes to it, but for
// --retry: files in which a test failed run once more, by themselves, and the second time decides.
//
//   node scripts/run-tests.mjs unit integration [--retry] [--test-name-pattern=...]
//
// The files are named one by one: `node --test` takes folders up to Node 20 and patterns from Node 21, not both.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { listFiles, root } from './setup/steps.mjs';

const TEST_TIMEOUT_MS = 120_000;
const REPORTER = join(root, 'scripts/failed-files-reporter.mjs');

const args = process.argv.slice(2);
const retries = args.includes('--retry');
const options = args.filter((arg) => arg.startsWith('-') && arg !== '--retry');
const suites = args.filter((arg) => !arg.startsWith('-'));
const files = suites.flatMap((suite) => {
  const found = listFiles([`dist/test/${suite}`], ['.test.js']);
  // A suite that vanished must not pass for one that passed.
  if (found.length === 0) throw new Error(`Expected compiled tests in dist/test/${suite} but found none`);
  return found;
});

/** A test's file as it is run, where a source map has named the one that it was compiled from. */
function compiledTo(file) {
  const path = relative(root, file);
  return path.startsWith('dist/') ? path : join('dist', path.replace(/\.ts$/, '.js'));
}

/** Gives the exit status, and the files in which something failed. */
async function run(tests) {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-tests-'));
  const failures = join(folder, 'failures');
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${REPORTER}`, `--test-reporter-destination=${failures}`],
  ];
  const runner = ['--test', ...reporters, `--test-timeout=${TEST_TIMEOUT_MS}`, ...options, ...tests];
  const child = spawn(process.execPath, ['--enable-source-maps', ...runner], { cwd: root, stdio: 'inherit' });
  const pass = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
  try {
    const status = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
    const failed = new Set(readFileSync(failures, 'utf8').split('\n').map(compiledTo));
    return { status, failed: tests.filter((test) => failed.has(test)) };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
    rmSync(folder, { recursive: true });
  }
}

const first = await run(files);
process.exitCode = first.status;
// Tests of what happens in real time share the machine with whatever else runs there: what fails twice is broken.
if (retries && first.status !== 0 && first.failed.length > 0) {
  const names = first.failed.join(', ');
  console.log(`\nOnce more: ${names}\n`);
  const second = await run(first.failed);
  process.exitCode = second.status;
  if (second.status === 0) console.log(`\nFailed once, then passed, and should never fail: ${names}`);
}
