import { randomInt } from 'node:crypto';
import type { PacketLoss } from './packet-loss.js';
import { INTERLEAVED_HEADER_BYTES, RTP_HEADER_BYTES, type PacketizedAccessUnit } from './rtp/packetized-clip.js';
import type { RtpSender } from './rtp/rtp-sender.js';
import { senderReport } from './rtp/sender-report.js';

const REPORT_INTERVAL_MS = 5000;
const CNAME = 'framewell-simulator';

/** What the session waits for before it sends media (again). */
type Gate = 'open' | 'keyframe' | 'non-keyframe';

export interface MediaCounters {
  /** Access units sent. */
  accessUnits: number;
  /** Access units not sent because the client did not read, up to the next keyframe. */
  skippedAccessUnits: number;
  /** RTP packets left out by `CameraBehaviour.loss`. */
  lostPackets: number;
}

/** One client's RTP stream (one SSRC), from SETUP to TEARDOWN. Its mount drives it while it plays. */
export class MediaSession {
  readonly ssrc = randomInt(2 ** 32);
  readonly #sender: RtpSender;
  readonly #counters: MediaCounters;
  readonly #timestampBase = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #packets = 0;
  #payloadBytes = 0;
  #gate: Gate = 'keyframe';
  /** The gate was closed because the client did not read. */
  #behind = false;
  #reportDueMs = -Infinity;

  /** Counts into `counters`, which it shares with other sessions. */
  constructor(sender: RtpSender, counters: MediaCounters) {
    this.#sender = sender;
    this.#counters = counters;
  }

  /** Sequence number of the next packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** RTP timestamp of a time on the mount's timeline. */
  timestampOf(ticks: number): number {
    return (this.#timestampBase + ticks) % 2 ** 32;
  }

  /** Sends nothing until an access unit of this kind comes. */
  awaitAccessUnit(kind: 'keyframe' | 'non-keyframe'): void {
    this.#gate = kind;
    this.#behind = false;
  }

  /** Sends an access unit that is shown at `ticks`, unless the session waits for another kind or is not read. */
  deliver(unit: PacketizedAccessUnit, ticks: number, loss: PacketLoss): void {
    const admitted = this.#gate === 'open' || unit.keyframe === (this.#gate === 'keyframe');
    if (admitted && this.#sender.congested) {
      // What follows refers to this picture, so it is useless to the client until the next keyframe.
      this.#gate = 'keyframe';
      this.#behind = true;
    } else if (admitted) {
      this.#gate = 'open';
      this.#behind = false;
      this.#send(unit, ticks, loss);
    }
    if (this.#behind) this.#counters.skippedAccessUnits++;
  }

  /** Sends a sender report if one is due. `captureTicks` is where the timeline stands now. */
  report(nowMs: number, captureTicks: number): void {
    if (nowMs < this.#reportDueMs || this.#sender.congested) return;
    this.#reportDueMs = nowMs + REPORT_INTERVAL_MS;
    const counters = { packets: this.#packets, payloadBytes: this.#payloadBytes };
    const timestamp = this.timestampOf(captureTicks);
    this.#sender.sendRtcp(senderReport({ ssrc: this.ssrc, unixMs: Date.now(), timestamp, ...counters }, CNAME));
  }

  #send(unit: PacketizedAccessUnit, ticks: number, loss: PacketLoss): void {
    const { ssrc } = this;
    const packets = unit.offsets.length - 1;
    const lost = loss.take(packets);
    this.#sender.send(unit, { ssrc, sequence: this.#sequence, timestamp: this.timestampOf(ticks) }, lost);
    this.#sequence = (this.#sequence + packets) % 2 ** 16;
    this.#packets += packets;
    this.#payloadBytes += unit.framed.length - packets * (INTERLEAVED_HEADER_BYTES + RTP_HEADER_BYTES);
    this.#counters.accessUnits++;
    this.#counters.lostPackets += lost?.size ?? 0;
  }
}
