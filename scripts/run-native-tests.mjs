// Builds and runs the engine's own tests, with the simulator's cameras beside them.
// Usage: node scripts/run-native-tests.mjs [address,undefined | thread]
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const CAMERAS = 64;
const sanitize = process.argv[2] ? [`SANITIZE=${process.argv[2]}`] : [];

const build = spawnSync('make', ['-s', '-j2', '-C', 'test/native', 'build', ...sanitize], { stdio: 'inherit' });
if (build.status !== 0) process.exit(1);

const simulator = spawn(process.execPath, ['dist/simulator/simulate.js', '--port', '0', '--cameras', String(CAMERAS)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const urls = [];
for await (const line of createInterface({ input: simulator.stdout })) {
  urls.push(line.slice(line.indexOf('=') + 1));
  if (urls.length === CAMERAS) break;
}
const tests = spawnSync('make', ['-s', '-C', 'test/native', 'check', ...sanitize], {
  stdio: 'inherit',
  env: { ...process.env, FRAMEWELL_TEST_CAMERAS: urls.join(' ') },
});
simulator.kill();
process.exitCode = tests.status ?? 1;
