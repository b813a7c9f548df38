import { EventEmitter } from 'node:events';
import type { CameraBehaviour } from './behaviour.js';
import type { Clip } from './clip/clip.js';
import type { Disruption, MediaCounters, MediaSession } from './media-session.js';
import type { Paced, Pacer } from './pacer.js';
import { PacketFates } from './packet-fates.js';
import { packetizedClip } from './rtp/packetized-clip.js';
import { Timeline } from './timeline.js';

/** A camera that was held up for longer (a stopped process) goes on from where it was, without catching up. */
const MAX_LATENESS_MS = 1000;

/** A client that plays, as its mount sees it. */
export interface Player {
  readonly media: MediaSession;
  /** When it ends unless the client is heard from, on the clock of `performance.now()`. */
  expiresAtMs(): number;
  /** Closes the client's connection; with a TCP reset where `abruptly`. */
  disconnect(abruptly?: boolean): void;
}

interface MountEvents {
  /** A session began to play. */
  play: [];
  /** A session that played ended or paused. */
  leave: [];
  /** The last byte of an access unit, given by its index in the clip, has gone to a client. */
  sent: [accessUnit: number];
}

/**
 * One simulated camera. It is live: all its sessions see the same moment of the clip. The clip begins anew when a
 * session finds no other one playing, so that a lone client need not wait for a keyframe.
 */
export class Mount extends EventEmitter<MountEvents> implements Paced {
  readonly url: string;
  /** Of all sessions since the mount was made. */
  readonly counters: MediaCounters = { accessUnits: 0, skippedAccessUnits: 0, lostPackets: 0 };
  readonly #pacer: Pacer;
  readonly #phaseMs: number;
  readonly #players = new Set<Player>();
  #clip: Clip;
  #behaviour: CameraBehaviour;
  #fates: PacketFates;
  #timeline: Timeline;
  #breaksOff = false;
  /** By access unit of the clip, on the clock of `performance.now()`. */
  #sentAtMs: Float64Array;

  /** `SimulatorServer.addMount` makes mounts. Throws an Error when RTP cannot carry the clip. */
  constructor(url: string, clip: Clip, behaviour: CameraBehaviour, phaseMs: number, pacer: Pacer) {
    super();
    this.url = url;
    this.#clip = clip;
    this.#sentAtMs = new Float64Array(clip.accessUnits.length);
    this.#pacer = pacer;
    this.#phaseMs = phaseMs;
    this.#behaviour = behaviour;
    this.#fates = new PacketFates(behaviour.loss, behaviour.disorder);
    this.#timeline = new Timeline(clip, performance.now(), phaseMs);
    packetizedClip(clip, sendsInBand(behaviour));
  }

  /** What it plays now. */
  get clip(): Clip {
    return this.#clip;
  }

  get behaviour(): CameraBehaviour {
    return this.#behaviour;
  }

  /** Sessions that play now. */
  get playing(): number {
    return this.#players.size;
  }

  get dueMs(): number {
    return this.#timeline.dueMs;
  }

  /** Changes the behaviour from now on, for running sessions too where it concerns them. */
  change(behaviour: Partial<CameraBehaviour>): void {
    this.#behaviour = { ...this.#behaviour, ...behaviour };
    if ('loss' in behaviour || 'disorder' in behaviour) {
      this.#fates = new PacketFates(this.#behaviour.loss, this.#behaviour.disorder);
    }
    if (behaviour.dribbling === false) for (const { media } of this.#players) media.sender.trickle(false);
  }

  /** Goes over to another clip at once, in the sessions that play too. */
  switchTo(clip: Clip): void {
    this.#timeline = this.#timeline.followedBy(clip);
    this.#clip = clip;
    this.#sentAtMs = new Float64Array(clip.accessUnits.length);
  }

  disrupt(disruption: Disruption): void {
    for (const { media } of this.#players) media.disrupt(disruption);
  }

  /** Resets the connections of all sessions that play, in the middle of their next access unit that is no keyframe. */
  breakOff(): void {
    this.#breaksOff = this.#players.size > 0;
  }

  /** Closes the connections of all sessions that play. */
  killSessions(): void {
    for (const player of [...this.#players]) player.disconnect();
  }

  /**
   * When an access unit last went to a client, right before its last byte was handed to the system, by
   * `performance.now()`; 0 when it never did.
   */
  sentAtMs(accessUnit: number): number {
    return this.#sentAtMs[accessUnit] ?? 0;
  }

  /** Begins to send to a player. Gives the ticks of its first access unit. */
  join(player: Player): number {
    if (this.#players.size === 0) {
      this.#timeline = new Timeline(this.#clip, performance.now(), this.#phaseMs);
      this.#breaksOff = false;
    }
    const first = this.#behaviour.startAt === 'keyframe' ? 'keyframe' : 'non-keyframe';
    player.media.awaitAccessUnit(first);
    this.#players.add(player);
    this.#pacer.add(this);
    this.emit('play');
    return this.#timeline.nextPresentationTicks(first === 'keyframe');
  }

  /** Ends sending to a player; nothing happens if it does not play. */
  leave(player: Player): void {
    if (!this.#players.delete(player)) return;
    if (this.#players.size === 0) this.#pacer.delete(this);
    this.emit('leave');
  }

  advance(nowMs: number): void {
    if (nowMs - this.#timeline.dueMs > MAX_LATENESS_MS) this.#timeline.resumeAt(nowMs);
    while (this.#players.size > 0 && this.#timeline.dueMs <= nowMs) this.#sendNext();
    for (const player of [...this.#players]) {
      if (player.expiresAtMs() <= nowMs) player.disconnect();
      else player.media.report(nowMs, this.#timeline.captureTicks(nowMs));
    }
  }

  #sendNext(): void {
    const { index, loopTicks } = this.#timeline.take();
    const { stalled, dribbling, junkBytes } = this.#behaviour;
    const unit = packetizedClip(this.#clip, sendsInBand(this.#behaviour))[index];
    if (!unit) return;
    const breaksOff = this.#breaksOff && !unit.keyframe;
    if (breaksOff) this.#breaksOff = false;
    const fates = breaksOff ? SECOND_HALF_LOST : this.#fates;
    const sentAtMs = this.#sentAtMs;
    const sent = (handedOverAtMs: number): void => {
      sentAtMs[index] = handedOverAtMs;
      this.emit('sent', index);
    };
    for (const player of [...this.#players]) {
      const { media } = player;
      if (stalled) {
        media.awaitAccessUnit('keyframe');
        continue;
      }
      if (dribbling) media.sender.trickle(true);
      if (junkBytes > 0) media.sender.sendJunk(junkBytes);
      media.deliver(unit, loopTicks + unit.presentationTicks, fates, sent);
      if (breaksOff) player.disconnect(true);
    }
  }
}

/** What a connection that breaks takes along. */
const SECOND_HALF_LOST: Pick<PacketFates, 'take'> = {
  take: (count) => Array.from({ length: count }, (_, index) => (index < count / 2 ? 'sent' : 'lost')),
};

function sendsInBand({ parameterSets }: CameraBehaviour): boolean {
  return parameterSets === 'both' || parameterSets === 'in-band';
}
