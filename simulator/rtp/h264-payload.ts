import { fragments } from './fragments.js';

const FU_A = 28;

/** RTP payloads of one access unit in packetization-mode 1: single NAL units (RFC 6184 5.6) and FU-A (5.8). */
export function h264Payloads(nals: readonly Buffer[], maxBytes: number): Buffer[] {
  return nals.flatMap((nal) => (nal.length <= maxBytes ? [nal] : fragmentNal(nal, maxBytes)));
}

function fragmentNal(nal: Buffer, maxBytes: number): Buffer[] {
  const header = nal.readUInt8(0);
  const indicator = (header & 0xe0) | FU_A;
  const payloads: Buffer[] = [];
  // The NAL unit's header is not sent; receivers rebuild it from indicator and FU header.
  for (const { piece, offset, last } of fragments(nal.subarray(1), maxBytes - 2)) {
    const fuHeader = (offset === 0 ? 0x80 : 0) | (last ? 0x40 : 0) | (header & 0x1f);
    payloads.push(Buffer.concat([Buffer.from([indicator, fuHeader]), piece]));
  }
  return payloads;
}
