import { existsSync } from 'node:fs';
import { fingerprint, root, runCommand, Stamp, timed } from './steps.mjs';

const stamp = new Stamp('node_modules/.framewell-setup');

/**
 * Brings node_modules to what the lock file says. No package's install script runs: the prebuilt ones need none, and
 * what is to be compiled is compiled by the steps after this one, against the headers on this machine.
 */
export async function installNpmPackages() {
  const wanted = fingerprint(['package-lock.json'], process.platform, process.arch);
  if (stamp.matches(wanted)) return;
  await timed('installed the npm packages', async () => {
    const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    // npm names its own program to the scripts that it runs; by hand, the one on the path serves.
    const npm = process.env.npm_execpath;
    const [command, prefix] = npm && existsSync(npm) ? [process.execPath, [npm]] : ['npm', []];
    await runCommand(command, [...prefix, ...args], {
      remedy: `Check that the npm registry can be reached, then try: cd ${root} && npm ci --ignore-scripts`,
    });
  });
  stamp.write(wanted);
}
