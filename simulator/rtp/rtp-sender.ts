import type { Socket } from 'node:net';
import {
  INTERLEAVED_HEADER_BYTES,
  stampPackets,
  type PacketizedAccessUnit,
  type PacketStamp,
} from './packetized-clip.js';
import type { UdpPorts } from './udp-ports.js';

/** More unsent bytes than this, and the client does not read; cameras hold about as much. */
const MAX_UNSENT_BYTES = 512 * 1024;

/** How a session's packets reach its client. */
export interface RtpSender {
  /** True while the client does not read; then nothing more should be sent. */
  readonly congested: boolean;
  /** Sends all packets of an access unit but the `lost` ones. */
  send(unit: PacketizedAccessUnit, stamp: Omit<PacketStamp, 'channel'>, lost?: ReadonlySet<number>): void;
  sendRtcp(packet: Buffer): void;
}

/** RTP and RTCP among the RTSP messages on their connection (RFC 2326 10.12). */
export class InterleavedSender implements RtpSender {
  readonly #socket: Socket;
  readonly #rtpChannel: number;
  readonly #rtcpChannel: number;

  constructor(socket: Socket, rtpChannel: number, rtcpChannel: number) {
    this.#socket = socket;
    this.#rtpChannel = rtpChannel;
    this.#rtcpChannel = rtcpChannel;
  }

  get congested(): boolean {
    return this.#socket.writableLength > MAX_UNSENT_BYTES;
  }

  send(unit: PacketizedAccessUnit, stamp: Omit<PacketStamp, 'channel'>, lost?: ReadonlySet<number>): void {
    const bytes = stampPackets(unit, { ...stamp, channel: this.#rtpChannel });
    this.#socket.write(lost ? Buffer.concat(keptPackets(unit, bytes, lost)) : bytes);
  }

  sendRtcp(packet: Buffer): void {
    const header = Buffer.from([0x24, this.#rtcpChannel, packet.length >> 8, packet.length & 0xff]);
    this.#socket.write(Buffer.concat([header, packet]));
  }
}

/** RTP and RTCP to a pair of the client's UDP ports. */
export class UdpSender implements RtpSender {
  readonly congested = false;
  readonly #ports: UdpPorts;
  readonly #address: string;
  readonly #rtpPort: number;
  readonly #rtcpPort: number;

  constructor(ports: UdpPorts, address: string, rtpPort: number, rtcpPort: number) {
    this.#ports = ports;
    this.#address = address;
    this.#rtpPort = rtpPort;
    this.#rtcpPort = rtcpPort;
  }

  send(unit: PacketizedAccessUnit, stamp: Omit<PacketStamp, 'channel'>, lost?: ReadonlySet<number>): void {
    const bytes = stampPackets(unit, { ...stamp, channel: 0 });
    for (const packet of keptPackets(unit, bytes, lost)) {
      this.#ports.sendRtp(packet.subarray(INTERLEAVED_HEADER_BYTES), this.#rtpPort, this.#address);
    }
  }

  sendRtcp(packet: Buffer): void {
    this.#ports.sendRtcp(packet, this.#rtcpPort, this.#address);
  }
}

function keptPackets(unit: PacketizedAccessUnit, bytes: Buffer, lost?: ReadonlySet<number>): Buffer[] {
  const kept: Buffer[] = [];
  for (let packet = 0; packet < unit.offsets.length - 1; packet++) {
    if (!lost?.has(packet)) kept.push(bytes.subarray(unit.offsets[packet], unit.offsets[packet + 1]));
  }
  return kept;
}
