import assert from 'node:assert/strict';

import type { FramewellServer } from '../../support/framewell-server.js';
import type { NumberedSource } from '../numbered-source.js';
import type { FaultyCamera } from './faulty-camera.js';

/** From a packet's sending to its receipt, on one machine that is busy; an age that is further off is a lie. */
const MAX_TRANSIT_MS = 300;

/** Takes snapshots and holds them against what the simulator knows. */
export class SnapshotAuditor {
  readonly #server: FramewellServer;
  readonly #source: NumberedSource;
  /** Answers by status, with the error's code and cause. */
  readonly answers = new Map<string, number>();
  readonly violations: string[] = [];
  oldestMs = 0;
  /** The furthest that a receipt was from its sending. */
  longestTransitMs = 0;

  constructor(server: FramewellServer, source: NumberedSource) {
    this.#server = server;
    this.#source = source;
  }

  async audit(camera: FaultyCamera): Promise<void> {
    try {
      // A connection that stays open would count among the descriptors.
      const path = `/cameras/${camera.id}/snapshot.jpg?quality=95`;
      const askedAtMs = Date.now();
      const answer = await this.#server.get(path, { connection: 'close' });
      const answeredAtMs = Date.now();
      if (answer.status === 200) {
        this.#count('200');
        const ageMs = Number(answer.headers.get('x-frame-age-ms'));
        const receivedAtMs = Date.parse(answer.headers.get('x-frame-received-at')!);
        const frame = await this.checkPicture(camera, answer.body, receivedAtMs);
        assert.ok(
          ageMs >= askedAtMs - receivedAtMs - 1 && ageMs <= answeredAtMs - receivedAtMs + 1,
          `Expected the age of frame ${frame} to count from its receipt but it is ${ageMs} ms`,
        );
        this.oldestMs = Math.max(this.oldestMs, ageMs);
      } else {
        assert.equal(answer.status, 503);
        const { code, cause } = answer.json() as { code: string; cause?: { code: string } };
        this.#count(`503 ${code}${cause ? ` (${cause.code})` : ''}`);
      }
    } catch (error) {
      this.violations.push(`${String(camera)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /**
   * The frame of the camera that a JPEG shows. Throws unless it is one, whole, and was received when it was sent.
   * @param cleanDb as NumberedSource has it
   */
  async checkPicture(camera: FaultyCamera, jpeg: Buffer, receivedAtMs: number, cleanDb?: number): Promise<number> {
    const { mount, sendings, firstFrame } = camera;
    const frame = (await this.#source.numberOf(jpeg, cleanDb)) - firstFrame;
    const count = mount.clip.accessUnits.length;
    assert.ok(frame >= 0 && frame < count, `Expected a frame of this camera but received its neighbour's (${frame})`);
    const transitMs = Math.round(sendings.distanceMs(frame, receivedAtMs));
    assert.ok(
      transitMs <= MAX_TRANSIT_MS,
      `Expected frame ${frame} to be received when it was sent but its receipt is ${transitMs} ms away`,
    );
    this.longestTransitMs = Math.max(this.longestTransitMs, transitMs);
    return frame;
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}
