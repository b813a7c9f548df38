// Runs the compiled tests of the named folders below test/ with Node's runner; what begins with a dash goes to it.
//
//   node scripts/run-tests.mjs unit integration [--test-name-pattern=...]
//
// The files are named one by one: `node --test` takes folders up to Node 20 and patterns from Node 21, not both.
import { spawn } from 'node:child_process';
import { listFiles, root } from './setup/steps.mjs';

const TEST_TIMEOUT_MS = 120_000;

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const suites = args.filter((arg) => !arg.startsWith('-'));
const files = suites.flatMap((suite) => {
  const found = listFiles([`dist/test/${suite}`], ['.test.js']);
  // A suite that vanished must not pass for one that passed.
  if (found.length === 0) throw new Error(`Expected compiled tests in dist/test/${suite} but found none`);
  return found;
});

const runner = ['--test', '--test-reporter=spec', `--test-timeout=${TEST_TIMEOUT_MS}`, ...options, ...files];
const child = spawn(process.execPath, ['--enable-source-maps', ...runner], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => process.exit(code ?? 1));
