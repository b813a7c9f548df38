/**
 * `npm run bench` ends with this: what docs/benchmarks.md reports of framewell alone. Takes eight minutes.
 * Arguments are the numbers of idle cameras; with `--dry-run` it prints and leaves docs/benchmarks.md alone.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../services/project-root.js';
import { measureConcurrentSnapshots, type ConcurrentResult } from './concurrent-snapshots.js';
import { measureFirstPicture } from './first-picture.js';
import { measureIdleCameras, type IdleCost, type IdleResult } from './idle-camera.js';
import { measureSlowViewer, type ViewerResult } from './slow-viewer.js';
import { measureSnapshots, summarize } from './snapshots.js';
import { atMost, goalTable, type Goal } from './support/goals.js';
import { describeRun } from './support/machine.js';
import { referenceClip } from './support/reference-clip.js';
import { table, writeSection } from './support/report.js';
import { percentile, shownPercentiles } from './support/statistics.js';
import { measureSystemCalls } from './system-calls.js';

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const CAMERA_COUNTS = positionals.length > 0 ? positionals.map(Number) : [8, 64, 256, 1000];
/** Each of its two parts. */
const SLOW_VIEWER_SECONDS = 30;
/** The goals are of so many; libavformat is measured with no more. */
const GOAL_CAMERAS = 64;

execFileSync('make', ['-s', '-C', join(projectRoot, 'bench/native')], { stdio: 'inherit' });
const clip = referenceClip();
const begin = describeRun();
console.log(begin);

/** Prints a section of docs/benchmarks.md, and writes it there. */
async function report(section: string, ...parts: readonly string[]): Promise<void> {
  const markdown = [`Last run: ${begin}.`, ...parts].join('\n\n');
  console.log(`\n${markdown}`);
  if (!values['dry-run']) await writeSection(section, markdown);
}

async function idleCameras(): Promise<Goal[]> {
  const results: IdleResult[] = [];
  for (const cameras of CAMERA_COUNTS) results.push(await measureIdleCameras(clip, cameras));
  const calls = await measureSystemCalls(clip, GOAL_CAMERAS);
  const cost = ({ cpuMs, memoryKiB }: IdleCost): string => `${cpuMs.toFixed(2)} ms, ${memoryKiB.toFixed(0)} KiB`;
  await report(
    'idle',
    table(
      ['cameras', 'our receiver', 'our libavformat source', 'bare demux loop', 'receiver : source', 'source : loop'],
      results.map(({ cameras, receiver, libavSource, demuxLoop }) => {
        const ratios = [receiver.cpuMs / libavSource.cpuMs, libavSource.cpuMs / demuxLoop.cpuMs];
        const costs = [receiver, libavSource, demuxLoop].map(cost);
        return [String(cameras), ...costs, ...ratios.map((ratio) => ratio.toFixed(2))];
      }),
    ),
    calls === undefined
      ? 'System calls were not counted: strace is missing.'
      : `System calls for each frame of ${GOAL_CAMERAS} cameras: ${calls.toFixed(2)} ` +
          '(`strace -c -f` over the whole process, 8 s).',
  );
  const asked = results.find(({ cameras }) => cameras === GOAL_CAMERAS);
  // A millisecond of a second is a tenth of a percent.
  return [
    atMost(0.045, '% of one core', '1. idle camera: CPU', asked && asked.receiver.cpuMs / 10),
    atMost(
      1 / 3,
      'times',
      '1. idle camera: CPU to a libavformat loop',
      asked && asked.receiver.cpuMs / asked.demuxLoop.cpuMs,
    ),
    atMost(2000, 'KiB', '1. idle camera: memory beyond its ring', asked?.receiver.memoryKiB),
  ];
}

async function snapshots(): Promise<Goal[]> {
  const { sinceStartMs, sinceListeningMs, cpuMs } = await measureFirstPicture();
  const { coldMs, warmMs, ageMs } = await measureSnapshots(clip);
  const { oneCamera, manyCameras } = await measureConcurrentSnapshots(clip);
  const concurrent = (name: string, { responseMs, failures, encodes, slowestCamera }: ConcurrentResult): string[] => {
    const answers = `${failures} of ${responseMs.length + failures}`;
    return [name, summarize(responseMs), answers, String(encodes), slowestCamera.toFixed(2)];
  };
  await report(
    'snapshots',
    table(
      ['', 'ms as p50 / p90 / p99'],
      [
        [`from the server's start to the first picture, ${sinceStartMs.length} times`, summarize(sinceStartMs)],
        ['from when it listens', summarize(sinceListeningMs)],
        ["CPU of the server's process until then", summarize(cpuMs)],
        [`response, decoder cold, ${coldMs.length} times`, summarize(coldMs)],
        [`response, decoder warm, ${warmMs.length} times`, summarize(warmMs)],
        ['age of the warm pictures', summarize(ageMs)],
      ],
    ),
    table(
      [
        'at once',
        'response, ms as p50 / p90 / p99',
        'without a picture',
        'encodes of a round',
        'median of the slowest camera : of all',
      ],
      [
        concurrent('500 of one camera, decoder warm', oneCamera),
        concurrent('10 of each of 50 cameras, decoders cold', manyCameras),
      ],
    ),
  );
  return [
    atMost(500, 'ms', '4. start to the first picture, p50', percentile(sinceStartMs, 0.5)),
    atMost(70, 'ms', '4. cold snapshot, p50', percentile(coldMs, 0.5)),
    atMost(150, 'ms', '4. cold snapshot, p99', percentile(coldMs, 0.99)),
  ];
}

async function slowViewer(): Promise<void> {
  const { alone, fast, slow, memoryKiB } = await measureSlowViewer(clip, SLOW_VIEWER_SECONDS);
  const row = (name: string, { fps, ageMs, ageOnScreenMs, kBytesPerPicture, rung }: ViewerResult): string[] => {
    const ages = [ageMs, ageOnScreenMs].map((ms) => shownPercentiles(ms, 0.5, 0.95));
    return [name, fps.toFixed(2), ...ages, kBytesPerPicture.toFixed(1), String(rung)];
  };
  const [first, last, most] = [memoryKiB.begin, memoryKiB.end, memoryKiB.most].map((KiB) => (KiB / 1024).toFixed(1));
  await report(
    'slow viewer',
    table(
      ['viewer', 'pictures a second', 'age on arrival', 'age on the screen', 'kB a picture', 'rung'],
      [row('fast, alone', alone), row('fast, beside the slow one', fast), row('slow', slow)],
    ),
    `${SLOW_VIEWER_SECONDS} s alone, and as long beside each other. The server's memory (PSS) was ${first} MiB at the start, ${last} MiB at the end, ${most} MiB at most.`,
  );
}

const goals = [...(await idleCameras()), ...(await snapshots())];
await slowViewer();
await report('goals', goalTable(goals));
