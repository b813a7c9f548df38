import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { readCommand, runCommand, SetupError } from '../setup/steps.mjs';
import { fetchDebian } from './debian.mjs';

/** What cameras and the tests' clips need. */
const PARTS = {
  demuxer: 'rtsp,sdp,rtp,h264,hevc,mjpeg,mov',
  protocol: 'file,tcp,udp,rtp',
  decoder: 'h264,hevc,mjpeg',
  parser: 'h264,hevc,mjpeg',
  bsf: 'h264_mp4toannexb,hevc_mp4toannexb,extract_extradata',
};

const LEFT_OUT = ['programs', 'doc', 'debug', 'autodetect', 'everything', 'static'].concat([
  'avdevice',
  'avfilter',
  'swresample',
  'postproc',
]);

/**
 * The shared libraries of Debian's FFmpeg, built from its source with these parts alone: a few MiB instead of 170 with
 * all that they pull in. They have the names and the interface of the installed ones, so the addon takes either.
 * Returns the folder that they are in.
 */
export async function buildSmallFfmpeg(folder) {
  const libraries = join(folder, 'out/lib');
  if (existsSync(libraries)) return libraries;
  const files = await fetchDebian('ffmpeg', { verb: 'source', component: 'main', folder });
  const archive = files.find((file) => file.endsWith('.orig.tar.xz'));
  const source = join(folder, 'source');
  mkdirSync(source, { recursive: true });
  await runCommand('tar', ['-xf', archive, '-C', source, '--strip-components=1']);
  const hasAssembler = readCommand('nasm', ['-v']) !== undefined;
  const unfinished = join(folder, 'unfinished');
  const options = [
    `--prefix=${unfinished}`,
    '--enable-shared',
    ...LEFT_OUT.map((part) => `--disable-${part}`),
    ...Object.entries(PARTS).map(([kind, names]) => `--enable-${kind}=${names}`),
    ...(hasAssembler ? [] : ['--disable-x86asm']),
  ];
  await runCommand('sh', ['-c', 'cd "$0" && ./configure "$@"', source, ...options]);
  await runCommand('make', ['-s', '-C', source, `-j${cpus().length}`, 'install']);
  await runCommand('mv', [unfinished, join(folder, 'out')]);
  if (!readdirSync(libraries).some((name) => name.startsWith('libavcodec.so'))) {
    throw new SetupError(`Expected FFmpeg's libraries in ${libraries}.`);
  }
  return libraries;
}
