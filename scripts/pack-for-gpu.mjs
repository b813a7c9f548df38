// Packs what a machine with a card and without a network needs to run Framewell, `test:gpu` and `bench:gpu`: Node, the
// built project, its libraries, the simulator and the clips. Unpack it anywhere and type ./run test:gpu.
//
//   node scripts/pack-for-gpu.mjs [--nvjpeg]   writes build/framewell-gpu.tar.gz
//
// --nvjpeg adds Debian's libnvjpeg (CUDA 11, non-free) for machines with a driver alone.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchDebian } from './pack/debian.mjs';
import { librariesOf, oldestGlibc } from './pack/shared-libraries.mjs';
import { buildSmallFfmpeg } from './pack/small-ffmpeg.mjs';
import { listFiles, readCommand, root, runCommand, SetupError, timed } from './setup/steps.mjs';

const MOST_BYTES = 64 * 1024 * 1024;
const work = join(root, 'build/gpu-pack');
const pack = join(work, 'framewell');
const archive = join(root, 'build/framewell-gpu.tar.gz');

function copy(path, target = path) {
  cpSync(join(root, path), join(pack, target), { recursive: true, dereference: true });
}

/** Those that package-lock.json has for the product, and sharp's for this kind of machine. */
function productPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const isWanted = ([path, { dev, optional }]) => path !== '' && !dev && (!optional || path.includes('@img/sharp-'));
  const paths = Object.entries(packages)
    .filter(isWanted)
    .map(([path]) => path);
  return paths.filter((path) => existsSync(join(root, path)) && !path.includes('musl'));
}

async function makeClips() {
  const { STILL_CLIPS, av1Clip, stillClip } = await import('../dist/test/gpu/still-clips.js');
  const { referenceClip } = await import('../dist/bench/support/reference-clip.js');
  const clips = [...STILL_CLIPS.map(stillClip), av1Clip()];
  for (const clip of await Promise.all(clips)) copy(join('.cache/clips', basename(clip)));
  for (const height of [720, 1080]) copy(join('build/bench', basename(referenceClip(height))));
}

async function copyNvjpeg() {
  const folder = join(work, 'nvjpeg');
  const [file] = await fetchDebian('libnvjpeg11', { verb: 'download', component: 'non-free', folder });
  await runCommand('dpkg-deb', ['-x', file, join(folder, 'unpacked')]);
  const [library] = listFiles(['usr'], ['.so.11'], join(folder, 'unpacked'));
  cpSync(join(folder, 'unpacked', library), join(pack, 'lib/libnvjpeg.so.11'), { dereference: true });
}

async function copyPrograms() {
  await runCommand('make', ['-s', '-C', join(root, 'bench/native'), '../../build/bench/card_rates']);
  const ffmpeg = await buildSmallFfmpeg(join(work, 'ffmpeg'));
  copy('build/Release/framewell.node');
  copy('build/bench/card_rates');
  mkdirSync(join(pack, 'bin'), { recursive: true });
  cpSync(process.execPath, join(pack, 'bin/node'), { dereference: true });
  const programs = ['build/Release/framewell.node', 'build/bench/card_rates', 'bin/node'].map((it) => join(pack, it));
  const libraries = [...librariesOf(programs, ffmpeg)].map(([name, path]) => {
    const target = join(pack, 'lib', name);
    cpSync(path, target, { dereference: true });
    return target;
  });
  for (const file of [...programs, ...libraries]) await runCommand('strip', ['--strip-unneeded', file]);
  return oldestGlibc([...programs, ...libraries]);
}

/** The archive alone, in an empty folder and with an empty environment: skips for want of a card, or tests one. */
async function tryPack() {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-pack-'));
  try {
    await runCommand('tar', ['-xzf', archive, '-C', folder]);
    await runCommand('env', ['-i', join(folder, 'framewell/run'), 'test:gpu']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main() {
  const { values } = parseArgs({ options: { nvjpeg: { type: 'boolean', default: false } } });
  rmSync(pack, { recursive: true, force: true });
  mkdirSync(join(pack, 'lib'), { recursive: true });
  let glibc;
  await timed('programs and libraries', async () => (glibc = await copyPrograms()));
  await timed('clips', makeClips);
  if (values.nvjpeg) await timed('libnvjpeg', copyNvjpeg);
  for (const path of [
    'package.json',
    'dist',
    'web',
    'simulator/clips',
    'scripts/run-tests.mjs',
    'scripts/failed-files-reporter.mjs',
    'scripts/setup',
  ]) {
    copy(path);
  }
  for (const path of productPackages()) copy(path);
  copy('scripts/pack/run.sh', 'run');
  chmodSync(join(pack, 'run'), 0o755);
  const made = readCommand('git', ['-C', root, 'describe', '--always', '--dirty']) ?? 'unknown';
  writeFileSync(join(pack, 'VERSION'), `${made}, needs glibc ${glibc} or newer, x86-64\n`);
  await timed('archive', () => runCommand('tar', ['-czf', archive, '-C', work, 'framewell']));
  await timed('trial', tryPack);
  const { size } = statSync(archive);
  console.log(`${archive}: ${(size / 2 ** 20).toFixed(1)} MiB, needs glibc ${glibc} or newer`);
  if (size > MOST_BYTES) throw new SetupError(`Expected at most ${MOST_BYTES} bytes but the pack has ${size}.`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`pack: ${error.message}`);
  process.exitCode = 1;
}
