import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { PacketFate } from '../packet-fates.js';
import {
  INTERLEAVED_HEADER_BYTES,
  stampPackets,
  type PacketizedAccessUnit,
  type PacketStamp,
} from './packetized-clip.js';
import type { UdpPorts } from './udp-ports.js';

/** More unsent bytes than this, and the client does not read; cameras hold about as much. */
const MAX_UNSENT_BYTES = 512 * 1024;

/**
 * Told once the last byte of an access unit has gone. `handedOverAtMs`, by performance.now(), is right before that byte
 * was handed to the system: no client can have received it earlier, however late this process is told that it went.
 */
export type OnSent = (handedOverAtMs: number) => void;

/** Media that is held back before any has come. */
const NOTHING: HeldMedia = { bytes: Buffer.alloc(0), sent: () => undefined };

/** How a session's packets reach its client. */
export interface RtpSender {
  /** True while the client does not read; then nothing more should be sent. */
  readonly congested: boolean;
  /** Sends the packets of an access unit; all of them where no fates are given. */
  send(
    unit: PacketizedAccessUnit,
    stamp: Omit<PacketStamp, 'channel'>,
    fates: readonly PacketFate[] | undefined,
    sent: OnSent,
  ): void;
  sendRtcp(packet: Buffer): void;
  /** Sends random bytes that belong to nothing. */
  sendJunk(bytes: number): void;
  /** With `on` the media is held back, and each call lets one byte of it go; without, all that was held goes. */
  trickle(on: boolean): void;
}

interface HeldMedia {
  readonly bytes: Buffer;
  readonly sent: OnSent;
}

/** RTP and RTCP among the RTSP messages on their connection (RFC 2326 10.12). */
export class InterleavedSender implements RtpSender {
  readonly #socket: Socket;
  readonly #rtpChannel: number;
  readonly #rtcpChannel: number;
  /** An access unit that trickles out, or nothing yet; absent while nothing is held back. */
  #held: HeldMedia | undefined;

  constructor(socket: Socket, rtpChannel: number, rtcpChannel: number) {
    this.#socket = socket;
    this.#rtpChannel = rtpChannel;
    this.#rtcpChannel = rtcpChannel;
  }

  get congested(): boolean {
    return (this.#held?.bytes.length ?? 0) > 0 || this.#socket.writableLength > MAX_UNSENT_BYTES;
  }

  send(
    unit: PacketizedAccessUnit,
    stamp: Omit<PacketStamp, 'channel'>,
    fates: readonly PacketFate[] | undefined,
    sent: OnSent,
  ): void {
    const bytes = stampPackets(unit, { ...stamp, channel: this.#rtpChannel });
    const kept = fates ? Buffer.concat(packetsOf(unit, bytes).filter((_, index) => fates[index] !== 'lost')) : bytes;
    if (this.#held) this.#held = { bytes: kept, sent };
    else this.#write(kept, sent);
  }

  sendRtcp(packet: Buffer): void {
    const header = Buffer.from([0x24, this.#rtcpChannel, packet.length >> 8, packet.length & 0xff]);
    this.#socket.write(Buffer.concat([header, packet]));
  }

  sendJunk(bytes: number): void {
    this.#socket.write(randomBytes(bytes));
  }

  /** Sends an RTSP message: behind the access unit that trickles out, which it would cut in two. */
  sendMessage(message: string): void {
    if (this.#held && this.#held.bytes.length > 0) {
      this.#held = { ...this.#held, bytes: Buffer.concat([this.#held.bytes, Buffer.from(message)]) };
    } else {
      this.#socket.write(message);
    }
  }

  trickle(on: boolean): void {
    const { bytes, sent } = this.#held ?? NOTHING;
    const piece = on ? bytes.subarray(0, 1) : bytes;
    const rest = bytes.subarray(piece.length);
    this.#held = on ? { bytes: rest, sent } : undefined;
    if (piece.length > 0) this.#write(piece, rest.length === 0 ? sent : undefined);
  }

  #write(bytes: Buffer, sent?: OnSent): void {
    const handedOverAtMs = performance.now();
    this.#socket.write(bytes, (error) => {
      if (!error) sent?.(handedOverAtMs);
    });
  }
}

/** RTP and RTCP to a pair of the client's UDP ports. */
export class UdpSender implements RtpSender {
  readonly congested = false;
  readonly #ports: UdpPorts;
  readonly #address: string;
  readonly #rtpPort: number;
  readonly #rtcpPort: number;
  /** Waits for its successor to overtake it; `sent` where it is all that is missing of its access unit. */
  #late: { readonly packet: Buffer; sent?: OnSent } | undefined;

  constructor(ports: UdpPorts, address: string, rtpPort: number, rtcpPort: number) {
    this.#ports = ports;
    this.#address = address;
    this.#rtpPort = rtpPort;
    this.#rtcpPort = rtcpPort;
  }

  send(
    unit: PacketizedAccessUnit,
    stamp: Omit<PacketStamp, 'channel'>,
    fates: readonly PacketFate[] | undefined,
    sent: OnSent,
  ): void {
    const bytes = stampPackets(unit, { ...stamp, channel: 0 });
    const handedOverAtMs = performance.now();
    for (const [index, packet] of packetsOf(unit, bytes).entries()) {
      this.#sendPacket(packet.subarray(INTERLEAVED_HEADER_BYTES), fates?.[index] ?? 'sent');
    }
    if (this.#late && !this.#late.sent) this.#late.sent = sent;
    else sent(handedOverAtMs);
  }

  sendRtcp(packet: Buffer): void {
    this.#ports.sendRtcp(packet, this.#rtcpPort, this.#address);
  }

  sendJunk(bytes: number): void {
    this.#transmit(randomBytes(bytes));
  }

  trickle(): void {
    // A datagram comes whole or not at all.
  }

  #sendPacket(packet: Buffer, fate: PacketFate): void {
    if (fate === 'lost') return;
    const overtaken = this.#late;
    this.#late = undefined;
    if (fate === 'late' && !overtaken) {
      this.#late = { packet };
      return;
    }
    this.#transmit(packet);
    if (fate === 'twice') this.#transmit(packet);
    if (overtaken) {
      const handedOverAtMs = performance.now();
      this.#transmit(overtaken.packet);
      overtaken.sent?.(handedOverAtMs);
    }
  }

  #transmit(datagram: Buffer): void {
    this.#ports.sendRtp(datagram, this.#rtpPort, this.#address);
  }
}

function packetsOf(unit: PacketizedAccessUnit, bytes: Buffer): Buffer[] {
  return unit.offsets.slice(1).map((end, index) => bytes.subarray(unit.offsets[index], end));
}
