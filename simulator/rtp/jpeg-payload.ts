import { parseJpeg } from '../clip/jpeg.js';
import { fragments } from './fragments.js';

const MAIN_HEADER_BYTES = 8;

/** RFC 2435 4.2: with 255 the tables may differ from frame to frame, so every frame carries them. */
const Q_DYNAMIC = 255;

/** RFC 2435 3.1.3: types 64 and up have restart markers. */
const RESTART_TYPE = 64;

/** RTP payloads of one JPEG (RFC 2435 3.1). Throws an Error when the format cannot carry it. */
export function jpegPayloads(jpeg: Buffer, maxBytes: number): Buffer[] {
  const picture = parseJpeg(jpeg);
  const { width, height, restartInterval, quantizationTables, scan } = picture;
  const type = (picture.subsampling === '4:2:0' ? 1 : 0) + (restartInterval > 0 ? RESTART_TYPE : 0);
  const restart = restartInterval > 0 ? restartHeader(restartInterval) : Buffer.alloc(0);
  const quantization = quantizationHeader(quantizationTables);
  // Only the first packet carries the tables; leaving their room free in each keeps the offsets regular.
  const room = maxBytes - MAIN_HEADER_BYTES - restart.length - quantization.length;
  const payloads: Buffer[] = [];
  for (const { piece, offset } of fragments(scan, room)) {
    const main = Buffer.from([0, 0, 0, 0, type, Q_DYNAMIC, width / 8, height / 8]);
    main.writeUIntBE(offset, 1, 3);
    payloads.push(Buffer.concat([main, restart, ...(offset === 0 ? [quantization] : []), piece]));
  }
  return payloads;
}

/** 3.1.7, with the flags and count that say: reassemble the whole frame before decoding. */
function restartHeader(interval: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(interval, 0);
  header.writeUInt16BE(0xffff, 2);
  return header;
}

/** 3.1.8: MBZ, precision (8 bit), length, tables. */
function quantizationHeader(tables: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(tables.length, 2);
  return Buffer.concat([header, tables]);
}
