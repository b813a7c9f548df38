/** `npm run bench`: what docs/benchmarks.md reports, measured on this machine. Takes about three minutes. */
import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../services/project-root.js';
import { measureIdleCameras } from './idle-camera.js';
import { measureSnapshots, summarize } from './snapshots.js';
import { referenceClip } from './support/reference-clip.js';

execFileSync('make', ['-s', '-C', join(projectRoot, 'bench/native')], { stdio: 'inherit' });
const clip = referenceClip();
console.log(
  `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${release()}`,
);

console.log('\nIdle cameras, 1280x720@25 H.264 2 Mbit/s, GOP 50, RTSP over TCP');
console.log(
  '| cameras | demux loop, CPU ms/s | server, CPU ms/s | ratio | demux loop, KiB | server beyond its ring, KiB |',
);
console.log('|---|---|---|---|---|---|');
for (const cameras of [8, 64]) {
  const idle = await measureIdleCameras(clip, cameras);
  const ratio = idle.serverMs / idle.demuxLoopMs;
  console.log(
    `| ${cameras} | ${idle.demuxLoopMs.toFixed(2)} | ${idle.serverMs.toFixed(2)} | ${ratio.toFixed(2)} ` +
      `| ${idle.demuxLoopKiB.toFixed(0)} | ${idle.serverKiB.toFixed(0)} |`,
  );
}

const snapshots = await measureSnapshots(clip);
console.log('\nSnapshots of one such camera, ms as p50 / p90 / p99');
console.log('| | |\n|---|---|');
console.log(`| response, decoder cold | ${summarize(snapshots.coldMs)} |`);
console.log(`| response, decoder warm | ${summarize(snapshots.warmMs)} |`);
console.log(`| age of the warm pictures | ${summarize(snapshots.ageMs)} |`);
