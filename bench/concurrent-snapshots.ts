import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer, startSimulator, type Server } from './support/programs.js';
import { median } from './support/statistics.js';

const ONE_CAMERA_CLIENTS = 500;
const CAMERAS = 50;
const CLIENTS_PER_CAMERA = 10;
const ROUNDS = 20;
/** Another place in the group of pictures each time. */
const PAUSE_MS = 530;

export interface ConcurrentResult {
  /** Response times of all pictures of all rounds. */
  readonly responseMs: readonly number[];
  /** Requests that got no picture. */
  readonly failures: number;
  /** Pictures encoded for a round, median. */
  readonly encodes: number;
  /** Median response time of the camera that has the longest, to the median of all. */
  readonly slowestCamera: number;
}

/**
 * 500 clients of one camera at once, its decoder warm, and 10 of each of 50 cameras, all decoders cold. Every client
 * keeps its connection.
 */
export async function measureConcurrentSnapshots(
  clip: string,
): Promise<{ readonly oneCamera: ConcurrentResult; readonly manyCameras: ConcurrentResult }> {
  const simulator = await startSimulator(clip, CAMERAS);
  try {
    const oneCamera = await measure(simulator.urls.slice(0, 1), ONE_CAMERA_CLIENTS);
    // Decoders that stay open would take two cores by themselves, with nobody asking.
    const manyCameras = await measure(simulator.urls, CLIENTS_PER_CAMERA, { DECODE_LINGER_MS: '1' });
    return { oneCamera, manyCameras };
  } finally {
    await simulator.stop();
  }
}

async function measure(
  urls: readonly string[],
  clientsPerCamera: number,
  environment: NodeJS.ProcessEnv = {},
): Promise<ConcurrentResult> {
  const server = await startServer(urls, environment);
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const ids = urls.map((_, index) => `camera-${index + 1}`);
  try {
    for (const id of ids) while ((await takeSnapshot(server, agent, id)).status !== 200) await delay(100);
    await takeAll(server, agent, ids, clientsPerCamera);
    const msByCamera = new Map(ids.map((id) => [id, [] as number[]]));
    const encodes: number[] = [];
    let failures = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await delay(PAUSE_MS);
      const encodesBefore = await encodesOf(server);
      for (const { id, status, ms } of await takeAll(server, agent, ids, clientsPerCamera)) {
        if (status === 200) msByCamera.get(id)!.push(ms);
        else failures++;
      }
      encodes.push((await encodesOf(server)) - encodesBefore);
    }
    const responseMs = [...msByCamera.values()].flat();
    const slowestMs = Math.max(...[...msByCamera.values()].map(median));
    return { responseMs, failures, encodes: median(encodes), slowestCamera: slowestMs / median(responseMs) };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

function takeAll(server: Server, agent: Agent, ids: readonly string[], clientsPerCamera: number) {
  const clients = Array.from({ length: clientsPerCamera }, () => ids).flat();
  return Promise.all(clients.map((id) => takeSnapshot(server, agent, id)));
}

async function takeSnapshot(server: Server, agent: Agent, id: string) {
  const startMs = performance.now();
  const request = get(`${server.address}/cameras/${id}/snapshot.jpg`, { agent });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return { id, status: response.statusCode, ms: performance.now() - startMs };
}

async function encodesOf(server: Server): Promise<number> {
  const response = await fetch(`${server.address}/cameras`);
  const { cameras } = (await response.json()) as { cameras: { pictures: { encodes: number } }[] };
  return cameras.reduce((sum, { pictures }) => sum + pictures.encodes, 0);
}
