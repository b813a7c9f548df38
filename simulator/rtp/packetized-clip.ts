import type { AccessUnit, Clip } from '../clip/clip.js';
import { isParameterSet } from '../clip/nal-unit.js';
import { h264Payloads } from './h264-payload.js';
import { h265Payloads } from './h265-payload.js';
import { jpegPayloads } from './jpeg-payload.js';

/** Dynamic type for NAL unit streams; JPEG has a static one (RFC 3551 6). */
export const PAYLOAD_TYPE = { h264: 96, h265: 96, mjpeg: 26 } as const;

/** Fits an Ethernet frame with room for tunnels, like most cameras. */
const MAX_PAYLOAD_BYTES = 1400;

/** `$`, channel, 16-bit length: RFC 2326 10.12. */
export const INTERLEAVED_HEADER_BYTES = 4;
export const RTP_HEADER_BYTES = 12;

/**
 * An access unit as the bytes of a TCP-interleaved stream: per packet the interleaved header, the RTP header and the
 * payload. Channel, SSRC and the bases of sequence and timestamp are 0 until `stampPackets` puts a session's own.
 */
export interface PacketizedAccessUnit {
  readonly keyframe: boolean;
  readonly presentationTicks: number;
  readonly framed: Buffer;
  /** Where each packet begins in `framed`, and last where the last one ends. */
  readonly offsets: readonly number[];
}

/** What is a session's own in a packet. */
export interface PacketStamp {
  /** Interleaved channel; without meaning on UDP. */
  readonly channel: number;
  /** Of the first packet; the others count on. */
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

const packetizedClips = new WeakMap<Clip, Map<boolean, readonly PacketizedAccessUnit[]>>();

/**
 * The clip's packets; made once however many mounts play it. `inBand`: parameter sets are sent before keyframes, not
 * in the SDP alone. Throws an Error when the payload format cannot carry the clip.
 */
export function packetizedClip(clip: Clip, inBand: boolean): readonly PacketizedAccessUnit[] {
  const variants = packetizedClips.get(clip) ?? new Map<boolean, readonly PacketizedAccessUnit[]>();
  packetizedClips.set(clip, variants);
  const made = variants.get(inBand) ?? clip.accessUnits.map((unit) => packetize(clip, unit, inBand));
  variants.set(inBand, made);
  return made;
}

/** A copy of the access unit's packets that carries the session's own header fields. */
export function stampPackets(unit: PacketizedAccessUnit, stamp: PacketStamp): Buffer {
  const bytes = Buffer.from(unit.framed);
  for (let packet = 0; packet < unit.offsets.length - 1; packet++) {
    const at = unit.offsets[packet] ?? 0;
    const rtp = at + INTERLEAVED_HEADER_BYTES;
    bytes[at + 1] = stamp.channel;
    bytes.writeUInt16BE((stamp.sequence + packet) & 0xffff, rtp + 2);
    bytes.writeUInt32BE(stamp.timestamp, rtp + 4);
    bytes.writeUInt32BE(stamp.ssrc, rtp + 8);
  }
  return bytes;
}

function packetize(clip: Clip, unit: AccessUnit, inBand: boolean): PacketizedAccessUnit {
  const payloads = payloadsOf(clip, unit, inBand);
  const offsets = [0];
  const framed = payloads.map((payload, index) => {
    const header = Buffer.alloc(INTERLEAVED_HEADER_BYTES + RTP_HEADER_BYTES);
    header[0] = 0x24;
    header.writeUInt16BE(RTP_HEADER_BYTES + payload.length, 2);
    header[INTERLEAVED_HEADER_BYTES] = 2 << 6;
    const marker = index === payloads.length - 1 ? 0x80 : 0;
    header[INTERLEAVED_HEADER_BYTES + 1] = marker | PAYLOAD_TYPE[clip.codec];
    offsets.push((offsets[index] ?? 0) + header.length + payload.length);
    return Buffer.concat([header, payload]);
  });
  const { keyframe, presentationTicks } = unit;
  return { keyframe, presentationTicks, framed: Buffer.concat(framed), offsets };
}

function payloadsOf({ codec }: Clip, unit: AccessUnit, inBand: boolean): Buffer[] {
  if (codec === 'mjpeg') return unit.units.flatMap((jpeg) => jpegPayloads(jpeg, MAX_PAYLOAD_BYTES));
  const nals = inBand ? unit.units : unit.units.filter((nal) => !isParameterSet(codec, nal));
  return codec === 'h264' ? h264Payloads(nals, MAX_PAYLOAD_BYTES) : h265Payloads(nals, MAX_PAYLOAD_BYTES);
}
