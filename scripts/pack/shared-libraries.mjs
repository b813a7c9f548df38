import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { readCommand, SetupError } from '../setup/steps.mjs';

/** The C library's own must be the target machine's, as its loader is. */
const OF_THE_C_LIBRARY = /^(ld-linux|lib(c|m|dl|rt|pthread|resolv|util|anl|nsl)\.so)/;

/** The paths of all shared libraries that the files need, but the C library's, looked for in `folder` first. */
export function librariesOf(files, folder) {
  const found = new Map();
  for (const file of files) {
    const { stdout, status } = spawnSync('ldd', [file], {
      encoding: 'utf8',
      env: { ...process.env, LD_LIBRARY_PATH: folder },
    });
    if (status !== 0) throw new SetupError(`ldd failed for ${file}.`);
    for (const [, name, path] of stdout.matchAll(/^\s*(\S+) => (\S+)/gm)) {
      if (path === 'not') throw new SetupError(`${file} needs ${name}, which is not here.`);
      if (!OF_THE_C_LIBRARY.test(name)) found.set(basename(name), path);
    }
  }
  return found;
}

/** The oldest glibc that has all the symbols which the files ask for, as `2.34`. */
export function oldestGlibc(files) {
  const versions = files.flatMap((file) => {
    const symbols = readCommand('objdump', ['-T', file]) ?? '';
    return [...symbols.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  });
  return `2.${Math.max(...versions)}`;
}
