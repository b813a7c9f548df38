/** Reads the syntax elements of a NAL unit's payload. Past the end it throws a RangeError. */
export class BitReader {
  readonly #bytes: Buffer;
  #position = 0;

  /** `nal` without its header; emulation prevention (H.264 7.3.1, H.265 7.3.1.1) is taken out here. */
  constructor(nal: Buffer) {
    this.#bytes = removeEmulationPrevention(nal);
  }

  /** u(n), n up to 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#bit();
    return value;
  }

  flag(): boolean {
    return this.#bit() === 1;
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** ue(v): H.264 9.1. */
  ue(): number {
    let leadingZeros = 0;
    while (this.#bit() === 0) leadingZeros++;
    return 2 ** leadingZeros - 1 + this.bits(leadingZeros);
  }

  /** se(v): H.264 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw new RangeError('Expected more bits but the NAL unit ends');
    return (byte >> (7 - (this.#position++ & 7))) & 1;
  }
}

function removeEmulationPrevention(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
