import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeGyp } from './node-gyp.mjs';
import { fingerprint, listFiles, readCommand, root, Stamp, timed } from './steps.mjs';

const ADDON = 'build/Release/framewell.node';
const LIBRARIES = ['libavformat', 'libavcodec', 'libavutil', 'libswscale', 'zimg', 'libturbojpeg', 'ffnvcodec'];

const sourcesStamp = new Stamp('build/.framewell-sources');
const toolchainStamp = new Stamp('build/.framewell-toolchain');

/** Builds the native engine. make rebuilds what changed; another Node, compiler or library rebuilds all of it. */
export async function buildNativeAddon() {
  const versions = readCommand('pkg-config', ['--modversion', ...LIBRARIES]);
  const compiler = readCommand(process.env.CXX ?? 'g++', ['-dumpfullversion']);
  const toolchain = fingerprint(['binding.gyp'], process.versions.node, process.arch, versions, compiler);
  const sources = fingerprint(listFiles(['native'], ['.h', '.cc', '.inc']), toolchain);
  if (sourcesStamp.matches(sources) && existsSync(join(root, ADDON))) return;

  await timed('built the native engine', async () => {
    if (toolchainStamp.matches(toolchain)) await nodeGyp('.', 'configure', 'build');
    else await nodeGyp('.', 'rebuild');
  });
  toolchainStamp.write(toolchain);
  sourcesStamp.write(sources);
}
