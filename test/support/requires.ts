import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { missingCard } from './card.js';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** What a test may need from the machine, and how to see that it is there: the reason to skip, or undefined. */
const FEATURES = {
  beamcoder: () => (isBeamcoderBuilt() ? undefined : 'beamcoder is not built (it needs FFmpeg 5: Debian 12)'),
  caddy: () => (runs('caddy', ['version']) ? undefined : 'Caddy is not installed'),
  chromium: () => (findChromium() ? undefined : 'Chromium is not installed'),
  ffmpeg: () => (runs('ffmpeg', ['-version']) ? undefined : 'ffmpeg is not installed'),
  gpu: missingCard,
  openssl: () => (runs('openssl', ['version']) ? undefined : 'openssl is not installed'),
  gstreamer: () => (hasGstreamerServer() ? undefined : "GStreamer's RTSP server is not installed"),
  nginx: () => (runs('nginx', ['-v']) ? undefined : 'nginx is not installed'),
  'systemd-analyze': () => (runs('systemd-analyze', ['--version']) ? undefined : 'systemd is not installed'),
  vlc: () => (findInPath(['vlc']) ? undefined : 'VLC is not installed'),
};

export type Feature = keyof typeof FEATURES;

/**
 * For a test's `skip` option: false when the feature is there, else the reason.
 *
 * @throws when the feature is missing and the environment's REQUIRE (comma-separated) names it, so that a run that
 * has to test everything cannot pass by skipping.
 */
export function requires(feature: Feature): string | false {
  const reason = FEATURES[feature]();
  if (reason === undefined) return false;
  const required = (process.env.REQUIRE ?? '').split(',').map((name) => name.trim());
  if (required.includes(feature)) throw new Error(`REQUIRE names ${feature}, but ${reason}`);
  return reason;
}

/** The path of an installed Chromium, the one that playwright-core is to start. */
export function findChromium(): string | undefined {
  return findInPath(CHROMIUM_NAMES);
}

/** Looks for the file only: loading beamcoder prints its licence and installs a signal handler. */
function isBeamcoderBuilt(): boolean {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('beamcoder'));
    return existsSync(join(folder, 'build/Release/beamcoder.node'));
  } catch {
    return false;
  }
}

function hasGstreamerServer(): boolean {
  const script = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';
  // Debian's interpreter: only it sees Debian's python3-gi.
  return runs('/usr/bin/python3', ['-c', script]);
}

/** The path of the first of these programs that is installed. */
function findInPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
