import { setTimeout as delay } from 'node:timers/promises';
import type { GpuStatus } from '../../services/stream/decode-backend.js';
import { startServer, startSimulator, type Server } from '../support/programs.js';

const DEADLINE_MS = 120_000;
const SETTLE_MS = 1_000;

export interface CardMemory {
  /** What NVML says that the server takes; undefined where it does not tell. */
  readonly processBytes: number | undefined;
  /** What is taken of the card, by whomever. */
  readonly systemBytes: number;
}

export interface StreamMemory extends CardMemory {
  readonly streams: number;
  /** Those that did not fit or failed. */
  readonly onCpu: number;
}

/** With the context, the kernels and an encoder, and no decoder: after a camera's snapshot, once its decoder is closed. */
export async function measureBase(clip: string): Promise<CardMemory> {
  return withServer(clip, 1, { DECODE_LINGER_MS: '1' }, async (server) => {
    await untilPicture(server);
    return memoryOf(await untilGpu(server, ({ decoders }) => decoders === 0));
  });
}

/** With this many cameras of the clip, each decoded all the time. */
export async function measureStreams(clip: string, streams: number): Promise<StreamMemory> {
  const always = Object.fromEntries(
    Array.from({ length: streams }, (_, index) => [`CAMERA_DECODE_${index + 1}`, 'always']),
  );
  return withServer(clip, streams, always, async (server) => {
    await untilPicture(server);
    let onCpu = 0;
    const gpu = await untilGpu(server, async ({ decoders }) => {
      onCpu = await camerasOnCpu(server);
      return decoders + onCpu === streams;
    });
    return { streams, onCpu, ...memoryOf(gpu) };
  });
}

async function withServer<T>(
  clip: string,
  cameras: number,
  environment: NodeJS.ProcessEnv,
  measure: (server: Server) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulator(clip, cameras);
  try {
    const server = await startServer(simulator.urls, { ENGINE: 'cuda', ...environment });
    try {
      return await measure(server);
    } finally {
      await server.stop();
    }
  } finally {
    await simulator.stop();
  }
}

/** Waits for the card to be so, then for what the driver still does on its own. */
async function untilGpu(server: Server, isSo: (gpu: GpuStatus) => boolean | Promise<boolean>): Promise<GpuStatus> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const gpu = await gpuOf(server);
    if (await isSo(gpu)) {
      await delay(SETTLE_MS);
      return gpuOf(server);
    }
    if (performance.now() > deadline) throw new Error(`Expected another card than ${JSON.stringify(gpu)}`);
    await delay(100);
  }
}

async function gpuOf({ address }: Server): Promise<GpuStatus> {
  const { gpus } = (await (await fetch(`${address}/gpu`)).json()) as { gpus: GpuStatus[] };
  return gpus[0]!;
}

async function camerasOnCpu({ address }: Server): Promise<number> {
  const { cameras } = (await (await fetch(`${address}/cameras`)).json()) as {
    cameras: { readonly engine: { readonly name: string } }[];
  };
  return cameras.filter(({ engine }) => engine.name === 'cpu').length;
}

async function untilPicture({ address }: Server): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const response = await fetch(`${address}/cameras/camera-1/snapshot.jpg`);
    await response.arrayBuffer();
    if (response.ok) return;
    if (performance.now() > deadline) throw new Error(`Expected a picture but received ${response.status}`);
    await delay(100);
  }
}

function memoryOf({ memoryFreeBytes, memoryTotalBytes, memoryOfProcessBytes }: GpuStatus): CardMemory {
  if (memoryFreeBytes === undefined || memoryTotalBytes === undefined)
    throw new Error('Expected a context on the card');
  return { processBytes: memoryOfProcessBytes, systemBytes: memoryTotalBytes - memoryFreeBytes };
}
