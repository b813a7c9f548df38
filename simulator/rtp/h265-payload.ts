import { fragments } from './fragments.js';

const FU = 49;

/** RTP payloads of one access unit: single NAL units (RFC 7798 4.4.1) and FUs (4.4.3), without DONL fields. */
export function h265Payloads(nals: readonly Buffer[], maxBytes: number): Buffer[] {
  return nals.flatMap((nal) => (nal.length <= maxBytes ? [nal] : fragmentNal(nal, maxBytes)));
}

function fragmentNal(nal: Buffer, maxBytes: number): Buffer[] {
  const header = nal.readUInt8(0);
  const payloadHeader = [(header & 0x81) | (FU << 1), nal.readUInt8(1)];
  const payloads: Buffer[] = [];
  for (const { piece, offset, last } of fragments(nal.subarray(2), maxBytes - 3)) {
    const fuHeader = (offset === 0 ? 0x80 : 0) | (last ? 0x40 : 0) | ((header >> 1) & 0x3f);
    payloads.push(Buffer.concat([Buffer.from([...payloadHeader, fuHeader]), piece]));
  }
  return payloads;
}
