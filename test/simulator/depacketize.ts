/** Puts the NAL units of H.264 payloads together again (RFC 6184 5.6, 5.8). */
export function h264Nals(payloads: readonly Buffer[]): Buffer[] {
  return reassemble(payloads, {
    fragmented: (payload) => (payload.readUInt8(0) & 0x1f) === 28,
    headerBytes: 2,
    nalHeader: ([indicator = 0, fuHeader = 0]) => Buffer.from([(indicator & 0xe0) | (fuHeader & 0x1f)]),
  });
}

/** The same for H.265 (RFC 7798 4.4.1, 4.4.3). */
export function h265Nals(payloads: readonly Buffer[]): Buffer[] {
  return reassemble(payloads, {
    fragmented: (payload) => ((payload.readUInt8(0) >> 1) & 0x3f) === 49,
    headerBytes: 3,
    nalHeader: ([first = 0, second = 0, fuHeader = 0]) =>
      Buffer.from([(first & 0x81) | ((fuHeader & 0x3f) << 1), second]),
  });
}

interface FragmentFormat {
  fragmented(payload: Buffer): boolean;
  readonly headerBytes: number;
  nalHeader(payload: Buffer): Buffer;
}

function reassemble(payloads: readonly Buffer[], format: FragmentFormat): Buffer[] {
  const nals: Buffer[] = [];
  for (const payload of payloads) {
    if (!format.fragmented(payload)) {
      nals.push(payload);
      continue;
    }
    const begins = (payload.readUInt8(format.headerBytes - 1) & 0x80) !== 0;
    const head = begins ? format.nalHeader(payload) : (nals.pop() ?? Buffer.alloc(0));
    nals.push(Buffer.concat([head, payload.subarray(format.headerBytes)]));
  }
  return nals;
}
