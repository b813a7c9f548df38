import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';

/** An entry of package-lock.json, as far as it is looked at here. */
export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const FOLDER = 'node_modules/';

const HEADER = `# npm packages of the product

What \`npm start\` and the image run with besides Node.js: every package that a dependency of package.json leads to, on any kind of machine, with the licence that it states. Written by scripts/write-third-party.mjs from package-lock.json. Their notices are in \`node_modules/<package>\`, in the image too. [LICENSE-NOTES.md](LICENSE-NOTES.md) has the libraries that are no npm packages, and what the licences ask of those who distribute.
`;

/** All entries of package-lock.json, by the folders that they are installed in. */
export function lockedPackages(): Readonly<Record<string, LockedPackage>> {
  const lock = readFileSync(join(projectRoot, 'package-lock.json'), 'utf8');
  return (JSON.parse(lock) as { packages: Record<string, LockedPackage> }).packages;
}

/** Those that the product runs with, by folder: neither tools nor beamcoder, which only tests load. */
export function productPackages(): ReadonlyMap<string, LockedPackage> {
  const locked = lockedPackages();
  const found = new Map<string, LockedPackage>();
  const visit = (from: string, names: readonly string[]): void => {
    for (const path of names.map((name) => folderOf(name, from, locked))) {
      if (path === undefined || found.has(path)) continue;
      const entry = locked[path]!;
      found.set(path, entry);
      visit(path, Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
    }
  };
  visit('', Object.keys(locked['']!.dependencies!));
  return found;
}

/** What THIRD-PARTY.md has to be. */
export function thirdPartyList(): string {
  const rows = [...productPackages()].map(
    ([path, { version, license }]) => `| ${nameOf(path)} | ${version} | ${license ?? 'none stated'} |`,
  );
  const table = ['| Package | Version | Licence |', '| --- | --- | --- |', ...new Set(rows.sort())];
  return `${HEADER}\n<!-- prettier-ignore-start -->\n\n${table.join('\n')}\n\n<!-- prettier-ignore-end -->\n`;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);
}

/** Where Node finds the package that `from` asks for; undefined for an optional one that the lock file leaves out. */
function folderOf(name: string, from: string, locked: Readonly<Record<string, unknown>>): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf(`/${FOLDER}`), 0))) {
    const path = folder === '' ? FOLDER + name : `${folder}/${FOLDER}${name}`;
    if (path in locked) return path;
    if (folder === '') return undefined;
  }
}
