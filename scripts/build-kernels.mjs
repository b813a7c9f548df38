// Compiles native/cuda/color_kernels.cu to PTX and keeps it as a C++ string, so that the build needs no CUDA compiler.
// Debian's clang does it without the CUDA toolkit. The PTX is for compute capability 6.0, which every later card's
// driver translates; nvcc 13 cannot aim below 7.5 and writes PTX that only the newest drivers read.
//
//   node scripts/build-kernels.mjs           writes native/cuda/color_kernels_ptx.inc
//   node scripts/build-kernels.mjs --check   exits with 1 when that file is not what the source gives, with 2 when
//                                            this machine has no compiler of the version that wrote it
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand, root, SetupError } from './setup/steps.mjs';

const SOURCE = 'native/cuda/color_kernels.cu';
const OUTPUT = join(root, 'native/cuda/color_kernels_ptx.inc');
const FLAGS =
  '-x cuda --cuda-device-only --cuda-gpu-arch=sm_60 -nocudainc -nocudalib -Wno-unknown-cuda-version ' +
  `-std=c++17 -O3 -S -I ${join(root, 'native')} -o -`;

/** The major version alone: distributions patch the rest. */
function compilerName() {
  const major = readCommand('clang++', ['-dumpversion'])?.split('.')[0];
  return major && `clang ${major}`;
}

function compile(compiler) {
  const ptx = readCommand('clang++', [...FLAGS.split(' '), join(root, SOURCE)]);
  if (ptx === undefined) throw new SetupError(`clang++ could not compile ${SOURCE} to PTX.`);
  return [
    `// PTX of ${SOURCE}, made by scripts/build-kernels.mjs with ${compiler}. Not to be edited.`,
    `R"ptx(${ptx}\n)ptx"`,
    '',
  ].join('\n');
}

const compiler = compilerName();
if (process.argv[2] === '--check') {
  const kept = readFileSync(OUTPUT, 'utf8');
  const writer = / with (.*)\. Not to be edited/.exec(kept)?.[1];
  if (compiler !== writer) {
    console.error(`The kernels were compiled with ${writer}; this machine has ${compiler ?? 'no clang'}.`);
    process.exitCode = 2;
  } else if (compile(compiler) !== kept) {
    console.error(`${SOURCE} has changed: run node scripts/build-kernels.mjs`);
    process.exitCode = 1;
  }
} else {
  if (!compiler) throw new SetupError('Expected clang on the path.', { remedy: 'apt-get install clang' });
  writeFileSync(OUTPUT, compile(compiler));
}
