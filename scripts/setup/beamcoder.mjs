import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeGyp } from './node-gyp.mjs';
import { fingerprint, root, Stamp, timed } from './steps.mjs';

const stamp = new Stamp('node_modules/beamcoder/build/.framewell-setup');

/**
 * Builds beamcoder, the independent decoder that tests compare with. Optional: without it those tests are skipped
 * with a reason, unless REQUIRE names it.
 */
export async function buildBeamcoder() {
  if (!existsSync(join(root, 'node_modules/beamcoder'))) return;
  const wanted = fingerprint(['node_modules/beamcoder/package.json'], process.versions.modules, process.arch);
  if (stamp.matches(wanted)) return;
  try {
    await timed('built beamcoder', async () => {
      for (const addon of ['segfault-handler', 'beamcoder']) await nodeGyp(`node_modules/${addon}`, 'rebuild');
    });
    stamp.write(wanted);
  } catch (error) {
    console.warn(`setup: beamcoder could not be built, its comparison tests are skipped.\n${error.message}`);
  }
}
