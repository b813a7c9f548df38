import { readFileSync } from 'node:fs';
import { readCommand, runCommand, SetupError, timed } from './steps.mjs';

/** What each purpose needs from the system: the Debian and Ubuntu package and why. `run` is always needed. */
const PACKAGES = {
  run: {
    'g++': 'compiles the native engine',
    make: 'drives the native build',
    'pkg-config': 'finds the libraries',
    python3: 'node-gyp is written in it',
    'libavformat-dev': 'RTSP, RTP and files',
    'libavcodec-dev': 'decoding',
    'libavutil-dev': 'frames and times',
    'libswscale-dev': 'unusual pixel formats',
    'libzimg-dev': 'colour conversion and downscaling',
    'libturbojpeg0-dev': 'JPEG from YUV planes',
    'libffmpeg-nvenc-dev': "declarations of NVIDIA's driver, which is only opened at run time",
    'fontconfig-config': 'tells where the fonts are',
    'fonts-dejavu-core': 'labels of the contact sheet, and the numbers drawn in test clips',
  },
  test: {
    curl: 'commands of the documentation',
    ffmpeg: 'makes the test clips',
    jq: 'commands of the documentation',
    'python3-gi': 'runs the GStreamer RTSP server',
    'gir1.2-gst-rtsp-server-1.0': 'GStreamer RTSP server',
    'gstreamer1.0-plugins-base': 'test sources',
    'gstreamer1.0-plugins-good': 'RTP payloaders, JPEG',
    'gstreamer1.0-plugins-bad': 'H.264 and H.265 parsers',
    'gstreamer1.0-plugins-ugly': 'x264',
    'vlc-bin': 'another RTSP server',
    'vlc-plugin-base': 'its files and RTP',
  },
  reference: {
    'libavdevice-dev': 'beamcoder',
    'libavfilter-dev': 'beamcoder',
    'libpostproc-dev': 'beamcoder',
  },
  browser: {
    chromium: 'shows the page',
  },
  native: {
    'doctest-dev': "the engine's own tests",
  },
  fuzz: {
    clang: 'has libFuzzer',
    'libclang-rt-dev': "libFuzzer's and the sanitizers' run time",
  },
  bench: {
    motion: 'a peer',
    'python3-opencv': 'a peer',
    'gstreamer1.0-tools': 'a peer',
    'gstreamer1.0-libav': 'decodes for GStreamer, as for us',
    strace: 'counts system calls',
  },
  lint: {
    'clang-format': 'formats the native code',
    'clang-tidy': 'checks the native code',
  },
};

export const purposes = Object.keys(PACKAGES);

/** Installs what is missing, or stops with the one command that does. */
export async function installSystemPackages(wantedPurposes) {
  const wanted = wantedPurposes.flatMap((purpose) => Object.keys(PACKAGES[purpose]));
  const installed = installedPackages(wanted);
  if (!installed) return requireLibraries();

  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return;

  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  const install = `apt-get update && apt-get install --no-install-recommends -y ${missing.join(' ')}`;
  const remedy = asRoot.length > 0 ? `sudo sh -c '${install}'` : install;
  if (asRoot.length > 0 && readCommand('sudo', ['-n', 'true']) === undefined) {
    throw new SetupError('System packages are missing. Install them, then run this again:', { remedy });
  }
  await timed(`installed ${missing.join(', ')}`, () => aptInstall(asRoot, missing, `To see all of it: ${remedy}`));
}

/** The names among `wanted` that dpkg has installed; undefined where there is no dpkg. */
function installedPackages(wanted) {
  // dpkg-query's exit status is 1 when any one of the names is unknown; the others are printed all the same.
  const format = ['dpkg-query', '-W', '-f', '${db:Status-Status} ${Package}\\n', ...wanted];
  const output = readCommand('sh', ['-c', '"$@" || [ $? -eq 1 ]', 'sh', ...format]);
  if (output === undefined) return undefined;
  const lines = output.split('\n').filter((line) => line.startsWith('installed '));
  return new Set(lines.map((line) => line.slice('installed '.length)));
}

async function aptInstall(asRoot, packages, remedy) {
  const [command, ...prefix] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  const install = () =>
    runCommand(command, [...prefix, 'install', ...options, '--no-install-recommends', ...packages], { remedy });
  try {
    await install();
  } catch {
    // A fresh image has no package lists, and old lists name versions that the mirror has dropped.
    await runCommand(command, [...prefix, 'update', ...options], { remedy });
    await install();
  }
}

const LIBRARIES = ['libavformat', 'libavcodec', 'libavutil', 'libswscale', 'zimg', 'libturbojpeg', 'ffnvcodec'];

/** Not Debian: names cannot be known, so only look whether a build can work. */
function requireLibraries() {
  if (readCommand('pkg-config', ['--exists', ...LIBRARIES]) !== undefined) return;
  throw new SetupError(
    `This system has no dpkg, so nothing is installed for you. Needed: a C++20 compiler, make, Python 3, pkg-config ` +
      `and the development files of ${LIBRARIES.join(', ')} (FFmpeg 5.1 to 7.1).`,
  );
}

/** True on Debian 12, whose FFmpeg 5.1 is the only packaged one that beamcoder compiles against. */
export function hasFfmpeg5() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^ID=debian$/m.test(release) && /^VERSION_ID="12"$/m.test(release);
  } catch {
    return false;
  }
}
