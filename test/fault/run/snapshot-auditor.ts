import assert from 'node:assert/strict';

import type { Mount } from '../../../simulator/mount.js';
import type { FramewellServer } from '../../support/framewell-server.js';
import type { NumberedSource } from '../numbered-source.js';

/** From the begin of an access unit's sending to its end: one that trickles takes up to STALL_TIMEOUT_MS, 3 s. */
const TRANSIT_MS = 4000;

export interface AuditedCamera {
  readonly id: string;
  readonly mount: Mount;
  /** Of the clip's frames in the numbering of the source. */
  readonly firstFrame: number;
}

/** Takes snapshots and holds them against what the simulator knows. */
export class SnapshotAuditor {
  readonly #server: FramewellServer;
  readonly #source: NumberedSource;
  /** Answers by status, with the error's code and cause. */
  readonly answers = new Map<string, number>();
  readonly violations: string[] = [];
  oldestMs = 0;

  constructor(server: FramewellServer, source: NumberedSource) {
    this.#server = server;
    this.#source = source;
  }

  async audit(camera: AuditedCamera): Promise<void> {
    try {
      // A connection that stays open would count among the descriptors.
      const path = `/cameras/${camera.id}/snapshot.jpg?quality=95`;
      const askedAtMs = Date.now();
      const answer = await this.#server.get(path, { connection: 'close' });
      const answeredAtMs = Date.now();
      if (answer.status === 200) {
        this.#count('200');
        const frame = (await this.#source.numberOf(answer.body)) - camera.firstFrame;
        const ageMs = Number(answer.headers.get('x-frame-age-ms'));
        const receivedAtMs = Date.parse(answer.headers.get('x-frame-received-at')!);
        assert.ok(
          ageMs >= askedAtMs - receivedAtMs - 1 && ageMs <= answeredAtMs - receivedAtMs + 1,
          `Expected the age of frame ${frame} to count from its receipt but it is ${ageMs} ms`,
        );
        this.#checkFrame(camera, frame, receivedAtMs);
        this.oldestMs = Math.max(this.oldestMs, ageMs);
      } else {
        assert.equal(answer.status, 503);
        const { code, cause } = answer.json() as { code: string; cause?: { code: string } };
        this.#count(`503 ${code}${cause ? ` (${cause.code})` : ''}`);
      }
    } catch (error) {
      this.violations.push(`${camera.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #checkFrame({ mount }: AuditedCamera, frame: number, receivedAtMs: number): void {
    const count = mount.clip.accessUnits.length;
    assert.ok(frame >= 0 && frame < count, `Expected a frame of this camera but received its neighbour's (${frame})`);
    const sentAtMs = performance.timeOrigin + mount.sentAtMs(frame);
    // Had it been sent long before, the picture would be older than its header says.
    const transitMs = receivedAtMs - sentAtMs;
    assert.ok(
      transitMs <= TRANSIT_MS,
      `Expected frame ${frame} to be received when it was sent but its age says ${Math.round(transitMs)} ms later`,
    );
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}
