/** `npm run bench`: what docs/benchmarks.md reports, measured on this machine. Takes about ten minutes. */
import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../services/project-root.js';
import { measureConcurrentSnapshots, type ConcurrentResult } from './concurrent-snapshots.js';
import { measureIdleCameras, type IdleCost } from './idle-camera.js';
import { measureSlowViewer, type ViewerResult } from './slow-viewer.js';
import { measureSnapshots, summarize } from './snapshots.js';
import { referenceClip } from './support/reference-clip.js';
import { percentile } from './support/statistics.js';
import { measureSystemCalls } from './system-calls.js';

const CAMERA_COUNTS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [8, 64, 256, 1000];

execFileSync('make', ['-s', '-C', join(projectRoot, 'bench/native')], { stdio: 'inherit' });
const clip = referenceClip();
console.log(
  `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${release()}`,
);

console.log('\nIdle cameras: CPU ms for each camera and second, KiB of memory for each camera beyond its ring');
console.log(
  '| cameras | our receiver | our libavformat source | bare demux loop | receiver : source | source : loop |',
);
console.log('|---|---|---|---|---|---|');
const shown = ({ cpuMs, memoryKiB }: IdleCost): string => `${cpuMs.toFixed(2)} ms, ${memoryKiB.toFixed(0)} KiB`;
for (const cameras of CAMERA_COUNTS) {
  const { receiver, libavSource, demuxLoop } = await measureIdleCameras(clip, cameras);
  const ratios = [receiver.cpuMs / libavSource.cpuMs, libavSource.cpuMs / demuxLoop.cpuMs];
  const cells = [...[receiver, libavSource, demuxLoop].map(shown), ...ratios.map((ratio) => ratio.toFixed(2))];
  console.log(`| ${[cameras, ...cells].join(' | ')} |`);
}

const calls = await measureSystemCalls(clip, 64);
console.log(`\nSystem calls for each frame of 64 cameras: ${calls?.toFixed(2) ?? 'not counted, strace is missing'}`);

const snapshots = await measureSnapshots(clip);
console.log('\nSnapshots of one such camera, ms as p50 / p90 / p99');
console.log('| | |\n|---|---|');
console.log(`| response, decoder cold | ${summarize(snapshots.coldMs)} |`);
console.log(`| response, decoder warm | ${summarize(snapshots.warmMs)} |`);
console.log(`| age of the warm pictures | ${summarize(snapshots.ageMs)} |`);

const { oneCamera, manyCameras } = await measureConcurrentSnapshots(clip);
console.log('\nSnapshots at once: ms as p50 / p90 / p99, encodes of a round, median of the slowest camera : of all');
console.log('| | response | encodes | slowest camera |\n|---|---|---|---|');
const showConcurrent = ({ responseMs, encodes, slowestCamera }: ConcurrentResult): string =>
  `${summarize(responseMs)} | ${encodes} | ${slowestCamera.toFixed(2)}`;
console.log(`| 500 of one camera, decoder warm | ${showConcurrent(oneCamera)} |`);
console.log(`| 10 of each of 50 cameras, decoders cold | ${showConcurrent(manyCameras)} |`);

const { alone, fast, slow, memoryKiB } = await measureSlowViewer(clip);
console.log('\nA viewer on 300 kbit/s and 40 ms beside one on this machine, 60 s each; ages as p50 / p95, ms');
console.log('| | pictures a second | age on arrival | age on the screen | kB a picture | rung |');
console.log('|---|---|---|---|---|---|');
const ages = (values: readonly number[]): string =>
  [0.5, 0.95].map((p) => percentile(values, p).toFixed(0)).join(' / ');
const showViewer = ({ fps, ageMs, ageOnScreenMs, kBytesPerPicture, rung }: ViewerResult): string =>
  [fps.toFixed(2), ages(ageMs), ages(ageOnScreenMs), kBytesPerPicture.toFixed(1), rung].join(' | ');
console.log(`| fast, alone | ${showViewer(alone)} |`);
console.log(`| fast, beside the slow one | ${showViewer(fast)} |`);
console.log(`| slow | ${showViewer(slow)} |`);
const [begin, end, most] = [memoryKiB.begin, memoryKiB.end, memoryKiB.most].map((KiB) => (KiB / 1024).toFixed(1));
console.log(
  `\nMemory of the server meanwhile (PSS), MiB: ${begin} at the beginning, ${end} at the end, ${most} at most`,
);
