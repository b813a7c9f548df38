import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Random } from '../fault/run/faults.js';
import type { NumberedSource } from '../fault/numbered-source.js';

export interface VisitedCamera {
  readonly id: string;
  /** Of its frames in the numbering of the source. */
  readonly firstFrame: number;
  readonly frames: number;
}

const LONGEST_VISIT_MS = 20_000;
const LONGEST_PAUSE_MS = 5_000;

/** Viewers who come, look at a random camera for a while, and go, some without a word. Every picture is verified. */
export class Visitors {
  readonly #origin: string;
  readonly #source: NumberedSource;
  readonly #cameras: readonly VisitedCamera[];
  readonly violations: string[] = [];
  visits = 0;
  pictures = 0;

  constructor(origin: string, source: NumberedSource, cameras: readonly VisitedCamera[]) {
    this.#origin = origin.replace(/^http/, 'ws');
    this.#source = source;
    this.#cameras = cameras;
  }

  /** One visitor at a time, one after the other. */
  async come(random: Random, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const camera = this.#cameras[Math.floor(random() * this.#cameras.length)]!;
      await this.#visit(camera, random, until);
      await pause(random() * LONGEST_PAUSE_MS, until);
    }
  }

  async #visit(camera: VisitedCamera, random: Random, until: AbortSignal): Promise<void> {
    this.visits++;
    const socket = new WebSocket(`${this.#origin}/cameras/${camera.id}/stream?quality=95`);
    const checks: Promise<void>[] = [];
    socket.on('message', (picture: Buffer) => checks.push(this.#check(camera, picture)));
    socket.on('error', (error) => this.violations.push(`${camera.id}: ${error.message}`));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await pause(random() * LONGEST_VISIT_MS, until);
    if (random() < 0.5 || socket.readyState !== WebSocket.OPEN) socket.terminate();
    else socket.close();
    await closed;
    await Promise.all(checks);
  }

  async #check(camera: VisitedCamera, picture: Buffer): Promise<void> {
    this.pictures++;
    try {
      const frame = (await this.#source.numberOf(picture)) - camera.firstFrame;
      if (frame < 0 || frame >= camera.frames) throw new Error(`Expected a frame of its own but received ${frame}`);
    } catch (error) {
      this.violations.push(`${camera.id}, viewer: ${(error as Error).message}`);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
