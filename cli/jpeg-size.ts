/** T.81 table B.1: the start of a frame, but not DHT (C4), JPG (C8) or DAC (CC), which share the range. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Width and height in pixels, from the frame header (T.81 B.2.2). @throws RangeError when there is none */
export function jpegSize(jpeg: Buffer): { readonly width: number; readonly height: number } {
  // Behind SOI come segments: FF, the marker, and a length that counts itself.
  for (let at = 2; ; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (isStartOfFrame(jpeg.readUInt8(at + 1))) {
      return { width: jpeg.readUInt16BE(at + 7), height: jpeg.readUInt16BE(at + 5) };
    }
  }
}
