import type { Picture } from '../jpeg/picture-cache.js';

export const HEADER_BYTES = 32;
const VERSION = 1;
const LONGEST_AGE_MS = 0xffff_ffff;

export interface PictureFacts extends Omit<Picture, 'jpeg'> {
  readonly channel: number;
  readonly rung: number;
  readonly ageMs: number;
}

/** What goes before each JPEG in framewell.v1; docs/viewer-protocol.md has the table. */
export function pictureHeader({ rung, channel, ageMs, sequence, receivedAtMs, captureAtMs }: PictureFacts): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(rung, 1);
  header.writeUInt16LE(channel, 2);
  // The clock may have been set back since the picture was received.
  header.writeUInt32LE(Math.min(Math.max(0, Math.round(ageMs)), LONGEST_AGE_MS), 4);
  header.writeBigUInt64LE(BigInt(sequence), 8);
  header.writeBigUInt64LE(BigInt(Math.round(receivedAtMs)), 16);
  header.writeBigUInt64LE(BigInt(Math.round(captureAtMs ?? 0)), 24);
  return header;
}
