/**
 * `npm run bench:scale`: what grows with the number of cameras and viewers, and what too many of them do. On two
 * cores, which the cameras and viewers share.
 *
 *   --seconds <n>  how long each load is measured (default 10: 7 minutes in all)
 *   --cameras <n>  the most (default 1000)
 *   --dry-run      prints and leaves docs/benchmarks.md alone
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../services/project-root.js';
import { measureOverload, OVERLOAD_CAMERAS, type OverloadResult } from './overload.js';
import { ffmpegMjpeg } from './peers/ffmpeg.js';
import { framewell } from './peers/framewell.js';
import { go2rtcTranscoding } from './peers/go2rtc.js';
import { gstreamer } from './peers/gstreamer.js';
import { goalsOfManyCameras, goalsOfOverload, goalsOfViewers } from './scale-goals.js';
import { goalTable } from './support/goals.js';
import { lineThrough, type Point } from './support/line.js';
import { describeRun } from './support/machine.js';
import { plot, type PlotOptions } from './support/plot.js';
import { table, writeSection } from './support/report.js';
import { shownPercentiles } from './support/statistics.js';
import { measureIdleCpu, measureManyCameras, type ManyCamerasResult } from './thousand-cameras.js';
import { measureViewers, type ViewersResult } from './viewers.js';

const VIEWER_COUNTS = [1, 10, 100];
/** The kernel accounts CPU time in steps of 10 ms, of which a few cameras take few. */
const FEW_CAMERAS = 10;
const LONGER_FOR_FEW = 4;
const OVERLOADED = [framewell, gstreamer, go2rtcTranscoding, ffmpegMjpeg];
const PLOTS = 'docs/plots';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    cameras: { type: 'string', default: '1000' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const [ms, most] = [Number(values.seconds) * 1000, Number(values.cameras)];
/** The powers of ten below the most. */
const cameraCounts = [1, 10, 100, 1000].filter((count) => count < most);

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function manyCameras(result: ManyCamerasResult): string {
  const { cameras, killed, idleLoop, snapshotLoop, snapshotMs, snapshotFailures } = result;
  return table(
    [`${cameras} cameras, 640x360@10, H.264 at 256 kbit/s, a keyframe every 20 frames`, ''],
    [
      ["all live after the server's start", seconds(result.allLiveMs)],
      ['CPU while nobody asks', `${result.cpu.toFixed(1)} % of one core`],
      [
        'memory, resident / proportional',
        `${result.residentMiB.toFixed(0)} / ${result.proportionalMiB.toFixed(0)} MiB`,
      ],
      ['event loop late by, p99 / most', `${idleLoop.p99Ms.toFixed(1)} / ${idleLoop.maxMs.toFixed(1)} ms`],
      ['20 random snapshots a second, p50 / p99', `${shownPercentiles(snapshotMs, 0.5, 0.99)} ms`],
      ['of these without a picture', `${snapshotFailures} of ${snapshotMs.length}`],
      [
        'event loop late meanwhile, p99 / most',
        `${snapshotLoop.p99Ms.toFixed(1)} / ${snapshotLoop.maxMs.toFixed(1)} ms`,
      ],
      [`${killed} without power: most tries in a second`, String(result.triesWithoutPower)],
      ['most of them that came to play in a second at their return', String(result.triesAtReturn)],
      ['all live again after', seconds(result.returnMs)],
    ],
  );
}

function viewers(results: readonly ViewersResult[]): string {
  return table(
    ['viewers of one camera, 1280x720@25', 'CPU, % of one core', 'pictures a second', 'picture age, ms', 'Mbit/s'],
    results.map(({ viewers: count, cpu, fps, ageMs, mbitPerSecond }) => [
      ...[String(count), cpu.toFixed(1), fps.toFixed(1), shownPercentiles(ageMs, 0.5, 0.99), mbitPerSecond.toFixed(0)],
    ]),
  );
}

function overload(rows: readonly { readonly name: string; readonly result: OverloadResult }[]): string {
  return table(
    [
      ...[`${OVERLOAD_CAMERAS} cameras, 1280x720@25, a viewer each`, 'pictures a second, least / most of a camera'],
      ...['picture age p50 / p95, ms', 'snapshot p50 / p99, ms', 'snapshot age p50 / p99, ms', 'without a picture'],
    ],
    rows.map(({ name, result: { fps, ageMs, snapshotMs, snapshotAgeMs, snapshotFailures } }) => [
      ...[name, `${Math.min(...fps).toFixed(1)} / ${Math.max(...fps).toFixed(1)}`],
      ...[shownPercentiles(ageMs, 0.5, 0.95), shownPercentiles(snapshotMs, 0.5, 0.99)],
      ...[shownPercentiles(snapshotAgeMs, 0.5, 0.99), `${snapshotFailures} of ${snapshotMs.length + snapshotFailures}`],
    ]),
  );
}

/** Writes the plot and gives the Markdown that shows it, with the line's slope for each `one`. */
async function drawn(file: string, points: readonly Point[], one: string, options: PlotOptions): Promise<string> {
  const line = lineThrough(points);
  const name = `${line.base.toPrecision(3)} % of a core, and ${line.slope.toPrecision(3)} % for each ${one}`;
  if (!values['dry-run']) {
    await mkdir(join(projectRoot, PLOTS), { recursive: true });
    await writeFile(join(projectRoot, PLOTS, file), plot([{ name, points, line }], options));
  }
  return (
    `![${options.title}](plots/${file})\n\nThe line: ${name}. ` +
    `The furthest point is ${(100 * line.furthest).toFixed(0)} % off it.`
  );
}

// Simulator, server and viewers: all that is started from here.
execFileSync('taskset', ['-apc', '0,1', String(process.pid)], { stdio: 'ignore' });
const begin = describeRun();
console.log(begin);
const parts: string[] = [];
function print(part: string): void {
  parts.push(part);
  console.log(`\n${part}`);
}

const idle: [number, number][] = [];
for (const count of cameraCounts) {
  idle.push([count, await measureIdleCpu(count, count <= FEW_CAMERAS ? ms * LONGER_FOR_FEW : ms)]);
}
const many = await measureManyCameras(most, ms);
idle.push([most, many.cpu]);
print(manyCameras(many));
print(
  table(
    ['cameras', 'CPU, % of one core'],
    idle.map(([count, cpu]) => [String(count), cpu.toFixed(2)]),
  ),
);
print(
  await drawn('cpu-by-cameras.svg', idle, 'camera', {
    title: 'CPU of idle cameras',
    x: 'cameras, 640x360@10',
    y: '% of one core',
  }),
);

const watched: ViewersResult[] = [];
for (const count of VIEWER_COUNTS) watched.push(await measureViewers(count, ms));
print(viewers(watched));
print(
  await drawn(
    'cpu-by-viewers.svg',
    watched.map(({ viewers: count, cpu }) => [count, cpu]),
    'viewer',
    { title: 'CPU of viewers of one camera', x: 'viewers, 1280x720@25', y: '% of one core' },
  ),
);

const overloaded: { name: string; result: OverloadResult }[] = [];
for (const peer of OVERLOADED) {
  if (peer.version() === undefined) {
    print(`${peer.name} was skipped: it needs ${peer.needs} (\`npm run bench:setup\`).`);
    continue;
  }
  overloaded.push({ name: peer.name, result: await measureOverload(peer, ms) });
}
print(overload(overloaded));

const goals = goalTable([
  ...goalsOfManyCameras(many),
  ...goalsOfViewers(watched),
  ...goalsOfOverload(overloaded.find(({ name }) => name === framewell.name)!.result),
]);
console.log(`\n${goals}`);
if (!values['dry-run']) {
  const command = `\`npm run bench:scale -- --seconds ${ms / 1000} --cameras ${most}\``;
  const run = `Last run: ${begin}; on two cores. ${command}.`;
  await writeSection('scale', [run, ...parts].join('\n\n'));
  await writeSection('scale goals', [run, goals].join('\n\n'));
}
