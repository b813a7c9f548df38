/** Cuts bytes into pieces of at most `size` bytes; the last may be shorter. */
export function* fragments(bytes: Buffer, size: number): Generator<{ piece: Buffer; offset: number; last: boolean }> {
  for (let offset = 0; offset < bytes.length; offset += size) {
    yield { piece: bytes.subarray(offset, offset + size), offset, last: offset + size >= bytes.length };
  }
}
