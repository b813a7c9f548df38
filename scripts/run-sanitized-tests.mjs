// Runs compiled tests with the engine built for AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, on the
// stand-in driver: the whole server in one process with what looks after its memory.
//
//   node scripts/run-sanitized-tests.mjs stand-in [further suites] [--test-name-pattern=...]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand, root } from './setup/steps.mjs';

const SANITIZERS = 'address,undefined';
const out = join(root, `build/native-tests-${SANITIZERS}`);
const reports = join(root, 'build/sanitizer-reports');
const suppressions = join(out, 'lsan.supp');
/** For a file of tests; the engine takes about three times as long as usual. */
const TEST_TIMEOUT_MS = 600_000;

const build = spawnSync('make', ['-s', '-j2', '-C', join(root, 'test/native'), 'addon', `SANITIZE=${SANITIZERS}`], {
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
// The search does not see what V8's heap holds on to. So it looks for what the engine's own threads allocate, with
// nothing of Node on the stack, and the stand-in tells what is left on its card. What libvips keeps is its own.
writeFileSync(suppressions, `leak:${process.execPath}$\nleak:libvips\n`);

const runtime = readCommand(process.env.CXX ?? 'g++', ['-print-file-name=libasan.so']);
const options = (entries) =>
  Object.entries(entries)
    .map(([name, value]) => `${name}="${value}"`)
    .join(':');
const runner = [join(root, 'scripts/run-tests.mjs'), `--test-timeout=${TEST_TIMEOUT_MS}`, ...process.argv.slice(2)];
const tests = spawnSync(process.execPath, runner, {
  stdio: 'inherit',
  env: {
    ...process.env,
    ENGINE: 'cuda',
    FRAMEWELL_STAND_IN_DRIVER: join(out, 'stand-in'),
    FRAMEWELL_SANITIZED_ADDON: join(out, 'framewell.node'),
    // Node itself is not instrumented, so the run time has to be there before it.
    LD_PRELOAD: runtime,
    FRAMEWELL_SANITIZER_RUNTIME: runtime,
    NODE_OPTIONS: `--import ${new URL('sanitized/load-addon.mjs', import.meta.url).href}`,
    ASAN_OPTIONS: options({ detect_leaks: 1, log_path: join(reports, 'asan') }),
    LSAN_OPTIONS: options({ suppressions, print_suppressions: 0 }),
    UBSAN_OPTIONS: options({ halt_on_error: 1, print_stacktrace: 1, log_path: join(reports, 'ubsan') }),
  },
});

// A process that a test kills, or whose exit status it does not look at, may have had something to say too.
const written = readdirSync(reports);
for (const file of written) console.error(readFileSync(join(reports, file), 'utf8'));
process.exitCode = written.length > 0 ? 1 : (tests.status ?? 1);
