/**
 * Simulated cameras in a process of their own, so that their CPU time is nobody else's. The parent says what to do
 * over the IPC channel; bench/support/clock-cameras.ts is its other end.
 *
 *   node camera-process.js CLIP GROUP_SIZE...
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Clip } from '../../simulator/clip/clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { monotonicMs } from './monotonic.js';

const HOST = '127.0.0.1';

export interface CameraRequest {
  readonly id: number;
  readonly ask: 'urls' | 'sentAt' | 'powerOff' | 'powerOn' | 'attempts';
  /** Of the cameras that are meant by power and attempts. */
  readonly group?: number;
}

/** Cameras on one port, which lose their power together. */
class CameraGroup {
  readonly #server: SimulatorServer;
  readonly #port: number;
  readonly mounts: readonly Mount[];
  /** When somebody connected without power, or began to play with it. */
  readonly attemptsAtMs: number[] = [];
  #withoutPower: Server | undefined;

  private constructor(server: SimulatorServer, port: number, mounts: readonly Mount[]) {
    this.#server = server;
    this.#port = port;
    this.mounts = mounts;
    for (const mount of mounts) mount.on('play', () => this.attemptsAtMs.push(monotonicMs()));
  }

  static async start(clip: Clip, size: number): Promise<CameraGroup> {
    const port = await freePort();
    const server = await SimulatorServer.listen({ host: HOST, port });
    const durationMs = clip.durationTicks / 90;
    const mounts = Array.from({ length: size }, (_, index) =>
      // Keyframes of all cameras at once would be a load of its own.
      server.addMount(`/cam${index + 1}`, clip, { phaseMs: (index * durationMs) / size }),
    );
    return new CameraGroup(server, port, mounts);
  }

  /** Every connection is reset, and every new one counted and reset. */
  async powerOff(): Promise<void> {
    await this.#server.powerOff();
    this.#withoutPower = createServer((socket) => {
      this.attemptsAtMs.push(monotonicMs());
      socket.resetAndDestroy();
    }).listen(this.#port, HOST);
    await once(this.#withoutPower, 'listening');
  }

  async powerOn(): Promise<void> {
    const closed = once(this.#withoutPower!, 'close');
    this.#withoutPower!.close();
    await closed;
    await this.#server.powerOn();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

async function answer({ ask, group }: CameraRequest): Promise<unknown> {
  switch (ask) {
    case 'urls':
      return groups.flatMap(({ mounts }) => mounts.map(({ url }) => url));
    case 'sentAt': {
      const originMs = monotonicMs() - performance.now();
      return groups.flatMap(({ mounts }) =>
        mounts.map((mount) => mount.clip.accessUnits.map((_, frame) => originMs + mount.sentAtMs(frame))),
      );
    }
    case 'powerOff':
      return groups[group!]!.powerOff();
    case 'powerOn':
      return groups[group!]!.powerOn();
    case 'attempts':
      return groups[group!]!.attemptsAtMs;
  }
}

const [clipPath, ...sizes] = process.argv.slice(2);
const clip = await loadClip(clipPath!);
const groups = await Promise.all(sizes.map((size) => CameraGroup.start(clip, Number(size))));
process.on('message', (request: CameraRequest) => {
  void answer(request).then((value) => process.send!({ id: request.id, value }));
});
process.on('disconnect', () => process.exit());
