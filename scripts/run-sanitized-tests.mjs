// Runs compiled tests with the engine built for AddressSanitizer and UndefinedBehaviorSanitizer, on the stand-in driver:
// the whole server in one process with what looks after its memory.
//
//   node scripts/run-sanitized-tests.mjs stand-in [further suites] [--test-name-pattern=...]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand, root } from './setup/steps.mjs';

const SANITIZERS = 'address,undefined';
const out = join(root, `build/native-tests-${SANITIZERS}`);
const reports = join(root, 'build/sanitizer-reports');

const build = spawnSync('make', ['-s', '-j2', '-C', join(root, 'test/native'), 'addon', `SANITIZE=${SANITIZERS}`], {
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const runtime = readCommand(process.env.CXX ?? 'g++', ['-print-file-name=libasan.so']);
const options = (entries) =>
  Object.entries(entries)
    .map(([name, value]) => `${name}="${value}"`)
    .join(':');
const tests = spawnSync(process.execPath, [join(root, 'scripts/run-tests.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ENGINE: 'cuda',
    FRAMEWELL_STAND_IN_DRIVER: join(out, 'stand-in'),
    FRAMEWELL_SANITIZED_ADDON: join(out, 'framewell.node'),
    // Node itself is not instrumented, so the run time has to be there before it.
    LD_PRELOAD: runtime,
    NODE_OPTIONS: `--import ${new URL('sanitized/load-addon.mjs', import.meta.url).href}`,
    // Leaks are the native tests' matter, and the stand-in tells what is left on its card: a search for them at the exit
    // of a server, whose threads run until then, does not come to an end.
    ASAN_OPTIONS: options({ detect_leaks: 0, log_path: join(reports, 'asan') }),
    UBSAN_OPTIONS: options({ halt_on_error: 1, print_stacktrace: 1, log_path: join(reports, 'ubsan') }),
  },
});

// A process that a test kills, or whose exit status it does not look at, may have had something to say too.
const written = readdirSync(reports);
for (const file of written) console.error(readFileSync(join(reports, file), 'utf8'));
process.exitCode = written.length > 0 ? 1 : (tests.status ?? 1);
