/** `npm run bench`: what docs/benchmarks.md reports, measured on this machine. Takes about ten minutes. */
import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../services/project-root.js';
import { measureIdleCameras, type IdleCost } from './idle-camera.js';
import { measureSnapshots, summarize } from './snapshots.js';
import { referenceClip } from './support/reference-clip.js';
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
