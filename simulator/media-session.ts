import { randomInt } from 'node:crypto';
import type { PacketFates } from './packet-fates.js';
import { INTERLEAVED_HEADER_BYTES, RTP_HEADER_BYTES, type PacketizedAccessUnit } from './rtp/packetized-clip.js';
import type { OnSent, RtpSender } from './rtp/rtp-sender.js';
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

/** What cameras do to a stream that runs: after a change of their clock, a restart of their encoder. */
export type Disruption =
  /** Timestamps go on this many ticks later, or earlier. */
  | { readonly kind: 'timestamp-jump'; readonly ticks: number }
  /** Sequence numbers go on from another one. */
  | { readonly kind: 'sequence-restart'; readonly sequence: number }
  /** Another SSRC, with sequence numbers and timestamps of its own. */
  | { readonly kind: 'ssrc-change' };

/** Where sequence numbers and timestamps begin; random where absent. */
export interface RtpOrigin {
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
}

/** One client's RTP stream (one SSRC at a time), from SETUP to TEARDOWN. Its mount drives it while it plays. */
export class MediaSession {
  readonly sender: RtpSender;
  readonly #counters: MediaCounters;
  #ssrc = randomInt(2 ** 32);
  #timestampBase: number;
  #sequence: number;
  #packets = 0;
  #payloadBytes = 0;
  #gate: Gate = 'keyframe';
  /** The gate was closed because the client did not read. */
  #behind = false;
  #reportDueMs = -Infinity;

  /** Counts into `counters`, which it shares with other sessions. */
  constructor(sender: RtpSender, counters: MediaCounters, origin: RtpOrigin = {}) {
    this.sender = sender;
    this.#counters = counters;
    this.#sequence = origin.firstSequence ?? randomInt(2 ** 16);
    this.#timestampBase = origin.firstTimestamp ?? randomInt(2 ** 32);
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /** Sequence number of the next packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** RTP timestamp of a time on the mount's timeline. */
  timestampOf(ticks: number): number {
    return (this.#timestampBase + ticks) % 2 ** 32;
  }

  disrupt(disruption: Disruption): void {
    switch (disruption.kind) {
      case 'timestamp-jump':
        this.#timestampBase = (this.#timestampBase + disruption.ticks + 2 ** 32) % 2 ** 32;
        break;
      case 'sequence-restart':
        this.#sequence = disruption.sequence;
        break;
      case 'ssrc-change':
        this.#ssrc = randomInt(2 ** 32);
        this.#sequence = randomInt(2 ** 16);
        this.#timestampBase = randomInt(2 ** 32);
    }
  }

  /** Sends nothing until an access unit of this kind comes. */
  awaitAccessUnit(kind: 'keyframe' | 'non-keyframe'): void {
    this.#gate = kind;
    this.#behind = false;
  }

  /** Sends an access unit that is shown at `ticks`, unless the session waits for another kind or is not read. */
  deliver(unit: PacketizedAccessUnit, ticks: number, fates: Pick<PacketFates, 'take'>, sent: OnSent): void {
    const admitted = this.#gate === 'open' || unit.keyframe === (this.#gate === 'keyframe');
    if (admitted && this.sender.congested) {
      // What follows refers to this picture, so it is useless to the client until the next keyframe.
      this.#gate = 'keyframe';
      this.#behind = true;
    } else if (admitted) {
      this.#gate = 'open';
      this.#behind = false;
      this.#send(unit, ticks, fates, sent);
    }
    if (this.#behind) this.#counters.skippedAccessUnits++;
  }

  /** Sends a sender report if one is due. `captureTicks` is where the timeline stands now. */
  report(nowMs: number, captureTicks: number): void {
    if (nowMs < this.#reportDueMs || this.sender.congested) return;
    this.#reportDueMs = nowMs + REPORT_INTERVAL_MS;
    const counters = { packets: this.#packets, payloadBytes: this.#payloadBytes };
    const timestamp = this.timestampOf(captureTicks);
    this.sender.sendRtcp(senderReport({ ssrc: this.ssrc, unixMs: Date.now(), timestamp, ...counters }, CNAME));
  }

  #send(unit: PacketizedAccessUnit, ticks: number, fates: Pick<PacketFates, 'take'>, sent: OnSent): void {
    const { ssrc } = this;
    const packets = unit.offsets.length - 1;
    const fate = fates.take(packets);
    this.sender.send(unit, { ssrc, sequence: this.#sequence, timestamp: this.timestampOf(ticks) }, fate, sent);
    this.#sequence = (this.#sequence + packets) % 2 ** 16;
    this.#packets += packets;
    this.#payloadBytes += unit.framed.length - packets * (INTERLEAVED_HEADER_BYTES + RTP_HEADER_BYTES);
    this.#counters.accessUnits++;
    this.#counters.lostPackets += fate?.filter((each) => each === 'lost').length ?? 0;
  }
}
