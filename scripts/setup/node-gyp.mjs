import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand, SetupError } from './steps.mjs';

/**
 * Builds an addon against the headers that came with this Node, so that nothing is downloaded.
 *
 * @param {string} folder where the binding.gyp is, relative to the root
 * @param {string[]} actions node-gyp commands, such as `rebuild`
 */
export async function nodeGyp(folder, ...actions) {
  await runCommand(
    process.execPath,
    ['node_modules/node-gyp/bin/node-gyp.js', ...actions, '-C', folder, `--nodedir=${headersFolder()}`, '-j', 'max'],
    { remedy: `To see all of it: node node_modules/node-gyp/bin/node-gyp.js rebuild -C ${folder} --verbose` },
  );
}

/** The folder whose include/node has this very Node's headers. */
function headersFolder() {
  const candidates = [process.env.npm_config_nodedir, dirname(dirname(realpathSync(process.execPath)))].filter(Boolean);
  const found = candidates.find((folder) => headersVersion(folder) === process.versions.node);
  if (found) return found;
  throw new SetupError(
    `Expected the headers of Node ${process.versions.node} in include/node below ${candidates.join(' or ')}.`,
    {
      remedy:
        'They come with the archives of nodejs.org, with NodeSource and with the node images; ' +
        "Debian's own nodejs has them in another package: apt-get install libnode-dev\n" +
        'If they are elsewhere, name the folder above include/node: npm_config_nodedir=/path npm run setup',
    },
  );
}

function headersVersion(folder) {
  const header = join(folder, 'include/node/node_version.h');
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1])
    .join('.');
}
