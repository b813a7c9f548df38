import { setTimeout as delay } from 'node:timers/promises';
import { cpuTimeMs, proportionalSetKiB } from './support/process-usage.js';
import { startDemuxLoop, startServer, startSimulator, type Program, type Server } from './support/programs.js';
import { median } from './support/statistics.js';

const SETTLE_MS = 3_000;
const MEASURE_MS = 10_000;
const ROUNDS = 3;
/** More of libavformat's threads than this take the cores from everybody; their cost is linear. */
const MOST_LIBAV_CAMERAS = 64;

interface CameraList {
  readonly cameras: readonly { readonly state: { readonly name: string }; readonly ring: { readonly bytes: number } }[];
}

/** One contender: the same program with many cameras and with one, so that what it costs by itself cancels out. */
interface Pair {
  readonly cameras: number;
  readonly many: Program;
  readonly one: Program;
}

export interface IdleCost {
  /** CPU milliseconds for each camera and second, median of the rounds. */
  readonly cpuMs: number;
  /** Memory (PSS) that each camera adds, its GOP ring taken off, in KiB. */
  readonly memoryKiB: number;
}

export interface IdleResult {
  readonly cameras: number;
  readonly receiver: IdleCost;
  readonly libavSource: IdleCost;
  readonly demuxLoop: IdleCost;
}

/**
 * What a connected camera costs while nobody asks: our receiver, our libavformat source, and libavformat's bare demux
 * loop. All run at the same time and are measured in the same intervals, so that noise on the machine meets all.
 */
export async function measureIdleCameras(clip: string, cameras: number): Promise<IdleResult> {
  const simulator = await startSimulator(clip, cameras);
  const libavUrls = simulator.urls.slice(0, MOST_LIBAV_CAMERAS);
  const started: Program[] = [];
  const start = async <T extends Program>(program: Promise<T>): Promise<T> => {
    started.unshift(await program);
    return program;
  };
  try {
    const receiver = await startServers(simulator.urls, {}, start);
    const libav = await startServers(libavUrls, { ingest: 'libav' }, start);
    const demux: Pair = {
      cameras: libavUrls.length,
      many: await start(startDemuxLoop(libavUrls)),
      one: await start(startDemuxLoop(libavUrls.slice(0, 1))),
    };
    await delay(SETTLE_MS);
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await Promise.all([receiver, libav, demux].map(cpuForEachCamera)));
    }
    const cost = (pair: Pair, index: number, ringKiB: number): IdleCost => ({
      cpuMs: median(rounds.map((round) => round[index]!)),
      memoryKiB: (proportionalSetKiB(pair.many.pid) - proportionalSetKiB(pair.one.pid)) / (pair.cameras - 1) - ringKiB,
    });
    return {
      cameras,
      receiver: cost(receiver, 0, await ringKiBOfEachCamera(receiver)),
      libavSource: cost(libav, 1, await ringKiBOfEachCamera(libav)),
      demuxLoop: cost(demux, 2, 0),
    };
  } finally {
    await Promise.all(started.map((program) => program.stop()));
    await simulator.stop();
  }
}

interface ServerPair extends Pair {
  readonly many: Server;
  readonly one: Server;
}

async function startServers(
  urls: readonly string[],
  options: { ingest?: 'libav' },
  start: <T extends Program>(program: Promise<T>) => Promise<T>,
): Promise<ServerPair> {
  const ingest = Object.fromEntries(urls.map((_, i) => [`CAMERA_INGEST_${i + 1}`, options.ingest ?? 'auto']));
  const many = await start(startServer(urls, ingest));
  const one = await start(startServer(urls.slice(0, 1), { CAMERA_INGEST_1: options.ingest ?? 'auto' }));
  await whenAllLive(many, urls.length);
  await whenAllLive(one, 1);
  return { cameras: urls.length, many, one };
}

/** CPU milliseconds a second that each camera beyond the first costs. */
async function cpuForEachCamera({ many, one, cameras }: Pair): Promise<number> {
  const before = cpuTimeMs(many.pid) - cpuTimeMs(one.pid);
  const startMs = performance.now();
  await delay(MEASURE_MS);
  const usedMs = cpuTimeMs(many.pid) - cpuTimeMs(one.pid) - before;
  return (usedMs * 1000) / (performance.now() - startMs) / (cameras - 1);
}

async function whenAllLive(server: Server, cameras: number): Promise<void> {
  for (;;) {
    const list = await listCameras(server);
    if (list.filter((camera) => camera.state.name === 'live').length === cameras) return;
    await delay(200);
  }
}

async function ringKiBOfEachCamera({ many, one, cameras }: ServerPair): Promise<number> {
  const bytes = async (server: Server): Promise<number> =>
    (await listCameras(server)).reduce((sum, camera) => sum + camera.ring.bytes, 0);
  return ((await bytes(many)) - (await bytes(one))) / 1024 / (cameras - 1);
}

async function listCameras({ address }: Server): Promise<CameraList['cameras']> {
  return ((await (await fetch(`${address}/cameras`)).json()) as CameraList).cameras;
}
