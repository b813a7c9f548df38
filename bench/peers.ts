/**
 * `npm run bench:peers`: framewell side by side with what somebody would use instead, all measured in this run.
 *
 *   --seconds <n>  how long each of the three loads is measured (default 10: 8 minutes in all)
 *   --cameras <n>  how many (default 8)
 *   --only <text>  peers whose name contains it
 *   --dry-run      prints the table and leaves docs/benchmarks.md alone
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../services/project-root.js';
import { compareToFloor, describeComparison, measureFloor, type FloorComparison } from './peers/floor.js';
import { framewell } from './peers/framewell.js';
import { go2rtcOnDemand } from './peers/go2rtc.js';
import { goalsOf } from './peers/goals.js';
import { PEERS } from './peers/list.js';
import { measurePeer, type PeerFigures } from './peers/measure-peer.js';
import type { Peer } from './peers/peer.js';
import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { goalTable } from './support/goals.js';
import { describeRun } from './support/machine.js';
import { Likeness } from './support/picture-clock.js';
import { table, writeSection } from './support/report.js';
import { shownPercentiles } from './support/statistics.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    cameras: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const [seconds, cameraCount] = [Number(values.seconds), Number(values.cameras)];

const HEAD = [
  ...['', 'CPU idle', 'CPU, 1 snapshot/s each', 'CPU, 1 viewer each', 'MiB idle / viewed', 'snapshot response'],
  ...['snapshot age', 'viewer picture age', 'kB a picture', 'PSNR'],
];

function row(name: string, figures: PeerFigures): string[] {
  const { idleCpu, snapshotCpu, snapshotRate, viewerCpu, viewerFps, idleMiB, viewerMiB, bytes, psnrDb } = figures;
  return [
    name,
    idleCpu.toFixed(2),
    snapshotCpu.toFixed(1) + unlessReached(snapshotRate, 1, '/s'),
    viewerCpu.toFixed(1) + unlessReached(viewerFps, PEERS_CLIP.fps, ' fps'),
    `${idleMiB.toFixed(1)} / ${viewerMiB.toFixed(1)}`,
    ...[figures.responseMs, figures.snapshotAgeMs, figures.viewerAgeMs].map((ms) => shownPercentiles(ms, 0.5, 0.99)),
    (bytes / 1000).toFixed(0),
    psnrDb === undefined ? '-' : `${psnrDb.toFixed(1)} dB`,
  ];
}

/** A peer that gives less than was asked for has that beside what it took. */
function unlessReached(rate: number, asked: number, unit: string): string {
  return rate > 0.96 * asked ? '' : ` (${rate.toFixed(rate < 10 ? 2 : 1)}${unit} reached)`;
}

execFileSync('make', ['-s', '-C', join(projectRoot, 'bench/native')], { stdio: 'inherit' });
const clip = await makeClockClip(PEERS_CLIP);
const likeness = await Likeness.of(clip);
const rows: string[][] = [];
const measured = new Map<Peer, PeerFigures>();
let toFloor: FloorComparison | undefined;
const versions: string[] = [];
const notes: string[] = [];

async function compare(peer: Peer): Promise<void> {
  const version = peer.version();
  if (version === undefined) {
    notes.push(`${peer.name} was skipped: it needs ${peer.needs} (\`npm run bench:setup\`).`);
    return;
  }
  versions.push(`${peer.name} ${version}`);
  const floors = peer === framewell ? [measureFloor(clip.path, 1)] : [];
  // Of its own, so that a peer's half-closed connections do not meet the next one.
  const cameras = await ClockCameras.start(clip, cameraCount);
  try {
    const figures = await measurePeer(peer, cameras, likeness, seconds * 1000);
    rows.push(row(peer.name, figures));
    measured.set(peer, figures);
    if (peer !== framewell) return;
    floors.push(measureFloor(clip.path, 1));
    toFloor = compareToFloor(figures, floors, measureFloor(clip.path, cameraCount));
    notes.push(describeComparison(toFloor));
  } catch (error) {
    notes.push(`${peer.name} failed: ${(error as Error).message}.`);
  } finally {
    await cameras.stop();
  }
}

const begin = describeRun();
console.log(begin);
for (const peer of PEERS.filter(({ name }) => name.includes(values.only))) {
  const [rowsBefore, notesBefore] = [rows.length, notes.length];
  await compare(peer);
  for (const line of [...rows.slice(rowsBefore).map((cells) => cells.join(' | ')), ...notes.slice(notesBefore)]) {
    console.log(line);
  }
}

const run =
  `Last run: ${begin}; ${versions.join(', ')}. ` +
  `\`npm run bench:peers -- --seconds ${seconds} --cameras ${cameraCount}\`.`;
const markdown = [run, table(HEAD, rows), ...notes].join('\n\n');
console.log(`\n${markdown}`);
const ours = measured.get(framewell);
const reached = ours && goalTable(goalsOf(ours, measured.get(go2rtcOnDemand), toFloor));
if (reached) console.log(`\n${reached}`);
if (!values['dry-run']) {
  await writeSection('peers', markdown);
  if (reached) await writeSection('peers goals', [run, reached].join('\n\n'));
}
