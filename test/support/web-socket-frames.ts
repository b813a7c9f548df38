/** A frame of RFC 6455 5.2, in which everything may be wrong. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as 4, 2 and 1. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the header says of the length, where that is not the truth; written as 64 bits. */
  readonly claimedLength?: bigint;
}

export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** The bytes of a client's frame. Masked with zeros, which leaves the payload as it is. */
export function rawFrame({
  opcode,
  payload = '',
  fin = true,
  reserved = 0,
  masked = true,
  claimedLength,
}: RawFrame): Buffer {
  const data = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  return Buffer.concat([
    Buffer.from([first]),
    lengthOf(claimedLength ?? data.length, mask),
    Buffer.alloc(masked ? 4 : 0),
    data,
  ]);
}

function lengthOf(length: number | bigint, mask: number): Buffer {
  if (typeof length === 'bigint') {
    const header = Buffer.from([mask | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeBigUInt64BE(length, 1);
    return header;
  }
  return length < 126 ? Buffer.from([mask | length]) : Buffer.from([mask | 126, length >> 8, length & 255]);
}

/** The close code among the frames that a server sent after its handshake; undefined as long as there is none. */
export function closeCodeIn(received: Buffer): number | undefined {
  let at = received.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= received.length) {
    const opcode = received[at]! & 15;
    const short = received[at + 1]! & 127;
    const extended = { 126: 2, 127: 8 }[short] ?? 0;
    const start = at + 2 + extended;
    if (start > received.length) return undefined;
    const length = extended === 0 ? short : Number(BigInt(`0x${received.toString('hex', at + 2, start)}`));
    if (opcode === OPCODE.close) return received.readUInt16BE(start);
    at = start + length;
  }
  return undefined;
}
