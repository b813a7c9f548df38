import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { FaultyCamera } from '../fault/run/faulty-camera.js';
import type { Random } from '../fault/run/faults.js';
import type { SnapshotAuditor } from '../fault/run/snapshot-auditor.js';
import { PartReader } from '../support/part-reader.js';
import { FramewellViewer } from '../support/viewer.js';

const LONGEST_VISIT_MS = 20_000;
const LONGEST_PAUSE_MS = 5_000;
const LIMITS = 'quality=95&fps=5';
/** What an undamaged frame of these small cameras has in quality 45, which a busy link comes to. */
const REDUCED_CLEAN_DB = 29;

/**
 * Viewers who come, watch a camera for a while over framewell.v1 or stream.mjpeg, and go, some without a word. Every
 * picture that they are shown is verified.
 */
export class Visitors {
  readonly #origin: string;
  readonly #cameras: readonly FaultyCamera[];
  readonly #auditor: SnapshotAuditor;
  readonly violations: string[] = [];
  visits = 0;
  /** Of them refused with 503, as the camera was down. */
  refusals = 0;
  pictures = 0;

  constructor(origin: string, cameras: readonly FaultyCamera[], auditor: SnapshotAuditor) {
    this.#origin = origin;
    this.#cameras = cameras;
    this.#auditor = auditor;
  }

  /** One visitor after the other. */
  async come(random: Random, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const camera = this.#cameras[Math.floor(random() * this.#cameras.length)]!;
      const watch = random() < 0.5 ? this.#watchSocket : this.#watchMultipart;
      this.visits++;
      try {
        await watch.call(this, camera, pause(random() * LONGEST_VISIT_MS, until), random() < 0.5);
      } catch (error) {
        this.violations.push(`${String(camera)}, viewer: ${error instanceof Error ? error.message : String(error)}`);
      }
      await pause(random() * LONGEST_PAUSE_MS, until);
    }
  }

  async #watchSocket(camera: FaultyCamera, visit: Promise<void>, saysGoodbye: boolean): Promise<void> {
    const { socket, shown } = await FramewellViewer.open(this.#origin, `/cameras/${camera.id}/stream?${LIMITS}`);
    const closed = once(socket, 'close');
    await Promise.race([visit, closed]);
    assert.equal(socket.readyState, socket.OPEN, 'Expected the socket to outlast its camera but it was closed');
    if (saysGoodbye) socket.close();
    else socket.terminate();
    await closed;
    for (const { jpeg, receivedAtMs, rung } of shown) await this.#check(camera, jpeg, receivedAtMs, rung > 0);
  }

  async #watchMultipart(camera: FaultyCamera, visit: Promise<void>): Promise<void> {
    const request = get(`${this.#origin}/cameras/${camera.id}/stream.mjpeg?${LIMITS}`, { agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode === 503) {
      this.refusals++;
      response.resume();
      return;
    }
    assert.equal(response.statusCode, 200);
    const left = new AbortController();
    const leaving = visit.then(() => {
      left.abort();
      request.destroy();
    });
    try {
      const reader = new PartReader(response);
      for (let part = await reader.next(); part; part = await reader.next()) {
        await this.#check(camera, part.body, Date.parse(part.headers['X-Frame-Received-At']!), false);
      }
      assert.fail('Expected the stream to outlast its camera but it ended');
    } catch (error) {
      if (!left.signal.aborted) throw error;
    }
    await leaving;
  }

  async #check(camera: FaultyCamera, jpeg: Buffer, receivedAtMs: number, isReduced: boolean): Promise<void> {
    this.pictures++;
    await this.#auditor.checkPicture(camera, jpeg, receivedAtMs, isReduced ? REDUCED_CLEAN_DB : undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
