import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Absolute path of a file that is not compiled into dist/, given from the package's root. */
export function assetPath(...segments: string[]): string {
  return join(packageRoot, ...segments);
}

function findPackageRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('Expected package.json in a folder above the code but found none');
  return findPackageRoot(parent);
}
