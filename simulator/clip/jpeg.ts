import { createHash } from 'node:crypto';

/** What RFC 2435 sends of a JPEG in place of its headers. */
export interface JpegPicture {
  readonly width: number;
  readonly height: number;
  readonly subsampling: '4:2:2' | '4:2:0';
  /** Luma, then chroma: 64 bytes each, in zigzag order. */
  readonly quantizationTables: Buffer;
  /** In MCUs; 0 where the scan has no restart markers. */
  readonly restartInterval: number;
  /** Entropy-coded data without SOS and EOI. */
  readonly scan: Buffer;
}

const MARKER = {
  startOfFrame0: 0xc0,
  huffman: 0xc4,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantization: 0xdb,
  dri: 0xdd,
};

/** SHA-1 of tables K.3 to K.6 of T.81 as DHT writes them: class and id, 16 counts, values. */
const ANNEX_K_HUFFMAN_TABLES = new Set([
  'beea46687f17f3c8dcbd9f162934ce4a3ea6e417',
  'd32723456155fea1f116b799120f479434f3aff3',
  'afa3ed5915e0d377cff76d524a81ab3a3769a782',
  '739e6ba8b22ab863ec4d62bc2e8226f486fd1d00',
]);

/** Splits concatenated JPEGs. */
export function splitJpegs(bytes: Buffer): Buffer[] {
  const pictures: Buffer[] = [];
  for (let begin = 0; begin < bytes.length;) {
    let end = begin;
    for (const segment of segments(bytes, begin)) end = segment.end;
    pictures.push(bytes.subarray(begin, end));
    begin = end;
  }
  return pictures;
}

/** Takes a JPEG apart. Throws an Error that names what RFC 2435 cannot carry. */
export function parseJpeg(jpeg: Buffer): JpegPicture {
  const tables = new Map<number, Buffer>();
  let frame: Buffer | undefined;
  let scan: Buffer | undefined;
  let restartInterval = 0;
  for (const { marker, body, entropyCoded } of segments(jpeg, 0)) {
    if (marker === MARKER.quantization) readQuantizationTables(body, tables);
    else if (marker === MARKER.huffman) requireStandardHuffmanTables(body);
    else if (marker === MARKER.startOfFrame0) frame = body;
    else if (marker === MARKER.dri) restartInterval = body.readUInt16BE(0);
    else if (marker === MARKER.scan) scan = entropyCoded;
  }
  if (!frame || !scan) throw new Error('Expected a baseline JPEG but found no SOF0 or no scan');
  const { componentTables, ...size } = readFrameHeader(frame);
  const quantizationTables = componentTables.map((id) => {
    const table = tables.get(id);
    if (!table) throw new Error(`Expected quantization table ${id} but the JPEG has none`);
    return table;
  });
  return { ...size, quantizationTables: Buffer.concat(quantizationTables), restartInterval, scan };
}

interface Segment {
  readonly marker: number;
  /** Parameters after the length field. */
  readonly body: Buffer;
  /** Entropy-coded data that follows; empty but for a scan. */
  readonly entropyCoded: Buffer;
  /** Where the next marker begins. */
  readonly end: number;
}

/** Marker segments from SOI to EOI (T.81 B.1). */
function* segments(bytes: Buffer, begin: number): Generator<Segment> {
  if (bytes[begin] !== 0xff || bytes[begin + 1] !== MARKER.start) {
    throw new Error(
      `Expected a JPEG's SOI marker at byte ${begin} but received ${bytes.toString('hex', begin, begin + 2)}`,
    );
  }
  for (let at = begin + 2; at + 4 <= bytes.length;) {
    const marker = bytes.readUInt8(at + 1);
    const bodyBegin = at + 4;
    const bodyEnd = at + 2 + bytes.readUInt16BE(at + 2);
    at = marker === MARKER.scan ? endOfScan(bytes, bodyEnd) : bodyEnd;
    const endsPicture = bytes[at] === 0xff && bytes[at + 1] === MARKER.end;
    const end = endsPicture ? at + 2 : at;
    yield { marker, body: bytes.subarray(bodyBegin, bodyEnd), entropyCoded: bytes.subarray(bodyEnd, at), end };
    if (endsPicture) return;
  }
  throw new Error('Expected an EOI marker but the JPEG ends');
}

/** The first marker after entropy-coded data: neither a stuffed 0xff00 nor a restart marker (T.81 B.1.1.5, F.1.2.3). */
function endOfScan(bytes: Buffer, begin: number): number {
  let at = bytes.indexOf(0xff, begin);
  while (at !== -1) {
    const code = bytes[at + 1] ?? 0;
    if (code !== 0 && (code & 0xf8) !== 0xd0) return at;
    at = bytes.indexOf(0xff, at + 2);
  }
  return bytes.length;
}

function readQuantizationTables(body: Buffer, tables: Map<number, Buffer>): void {
  for (let at = 0; at < body.length; at += 65) {
    const precisionAndId = body.readUInt8(at);
    if (precisionAndId > 3) throw new Error('Expected 8-bit quantization tables but found 16-bit');
    tables.set(precisionAndId, body.subarray(at + 1, at + 65));
  }
}

/** RFC 2435 4.1: the receiver supplies the tables of annex K, so the scan must have been coded with them. */
function requireStandardHuffmanTables(body: Buffer): void {
  for (let at = 0; at < body.length;) {
    const counts = body.subarray(at + 1, at + 17);
    const end = at + 17 + counts.reduce((sum, count) => sum + count, 0);
    const digest = createHash('sha1').update(body.subarray(at, end)).digest('hex');
    if (!ANNEX_K_HUFFMAN_TABLES.has(digest)) {
      throw new Error('Expected the Huffman tables of T.81 annex K but found others (ffmpeg: -huffman default)');
    }
    at = end;
  }
}

/** SOF0 (T.81 B.2.2). RFC 2435 4.1 knows two samplings: types 0 and 1. */
function readFrameHeader(body: Buffer) {
  const height = body.readUInt16BE(1);
  const width = body.readUInt16BE(3);
  for (const [name, size] of Object.entries({ width, height })) {
    if (size % 8 !== 0 || size > 2040)
      throw new Error(`Expected a multiple of 8 up to 2040 for ${name} but received ${size}`);
  }
  const sampling =
    body.readUInt8(5) === 3 ? [7, 10, 13].map((at) => body.toString('hex', at, at + 1)).join(' ') : 'other';
  const subsampling = sampling === '22 11 11' ? '4:2:0' : sampling === '21 11 11' ? '4:2:2' : undefined;
  if (!subsampling) throw new Error(`Expected sampling factors 22 11 11 or 21 11 11 but received ${sampling}`);
  return { width, height, subsampling, componentTables: [body.readUInt8(8), body.readUInt8(11)] } as const;
}
