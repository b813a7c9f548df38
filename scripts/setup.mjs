// Makes a fresh clone ready: system packages, npm packages, the native engine, the TypeScript. Each step does nothing
// when its result is up to date. Runs before `npm start` and `npm test`, so it may use nothing but Node itself.
//
//   node scripts/setup.mjs [--for=test,browser,native,lint] [--only=packages,npm,native,typescript]
import { parseArgs } from 'node:util';
import { buildBeamcoder } from './setup/beamcoder.mjs';
import { exclusively } from './setup/exclusively.mjs';
import { buildNativeAddon } from './setup/native-addon.mjs';
import { installNpmPackages } from './setup/npm-packages.mjs';
import { SetupError } from './setup/steps.mjs';
import { hasFfmpeg5, installSystemPackages, purposes } from './setup/system-packages.mjs';
import { buildTypescript } from './setup/typescript.mjs';

const OLDEST_NODE = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`Expected Node ${OLDEST_NODE.join('.')} or newer but this is ${process.version}.`);
}

function parseList(option, text, allowed) {
  const names = text ? text.split(',') : [];
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return names;
  throw new SetupError(`Expected ${allowed.join(', ')} for --${option} but received ${unknown}.`);
}

async function main() {
  requireNode();
  const { values } = parseArgs({ options: { for: { type: 'string' }, only: { type: 'string' } } });
  const wanted = new Set(['run', ...parseList('for', values.for, purposes)]);
  // Debian 12 alone packages the FFmpeg that beamcoder compiles against.
  if (wanted.has('test') && hasFfmpeg5()) wanted.add('reference');

  const steps = {
    packages: () => installSystemPackages([...wanted]),
    npm: installNpmPackages,
    native: async () => {
      await buildNativeAddon();
      if (wanted.has('reference')) await buildBeamcoder();
    },
    typescript: buildTypescript,
  };
  const names = Object.keys(steps);
  const only = parseList('only', values.only, names);
  await exclusively();
  for (const name of only.length > 0 ? only : names) await steps[name]();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
