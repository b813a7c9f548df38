import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand, runCommand, SetupError } from '../setup/steps.mjs';

/**
 * Files of a Debian package, their signatures checked by apt, without a change to the machine's own lists. `verb` is
 * apt-get's: `download` for the package, `source` for what it is built from. Returns the folder that they are in.
 */
export async function fetchDebian(name, { verb, component, folder }) {
  const remedy = "The pack needs Debian 12's archive within reach.";
  const mirror = readCommand('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Codename: bookworm'])?.split(
    '\n',
  )[0];
  if (!mirror) throw new SetupError('Expected Debian 12 among the sources of apt but found none.', { remedy });
  const type = verb === 'source' ? 'deb-src' : 'deb';
  for (const part of ['lists/partial', 'sources', 'files']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(
    join(folder, 'sources/debian.sources'),
    `Types: ${type}\nURIs: ${mirror}\nSuites: bookworm\nComponents: ${component}\n` +
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  );
  const options = [
    ['Dir::Etc::SourceList', '/dev/null'],
    ['Dir::Etc::SourceParts', join(folder, 'sources')],
    ['Dir::State::Lists', join(folder, 'lists')],
  ].map(([key, value]) => `-o${key}=${value}`);
  await runCommand('apt-get', [...options, 'update'], { remedy });
  const files = join(folder, 'files');
  const only = verb === 'source' ? ['--download-only'] : [];
  await runCommand('sh', ['-c', `cd "$0" && exec apt-get "$@"`, files, ...options, verb, ...only, name], { remedy });
  return readdirSync(files).map((file) => join(files, file));
}
