import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Mount } from '../../simulator/mount.js';
import { readFrameNumber } from './frame-number.js';

/**
 * The clock in a numbered clip: the number in a picture says which frame it is, and the camera that sent it knows when
 * that was. Unix time in milliseconds, never too late. Right as long as the camera has not sent the frame again, one
 * loop later.
 */
export function sentAtMs(mount: Mount, frameNumber: number): number {
  const sentAt = mount.sentAtMs(frameNumber);
  assert.ok(sentAt > 0, `Expected a frame that was sent but received ${frameNumber}`);
  // Not by performance.timeOrigin: in a run of hours the system's clock is adjusted.
  return Date.now() - (performance.now() - sentAt);
}

/** The number in a picture of any format. */
export async function frameNumberOf(picture: Buffer): Promise<number> {
  const image = sharp(picture, { failOn: 'warning' }).toColourspace('srgb').removeAlpha().raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  const number = readFrameNumber({ width: info.width, height: info.height, rgb: data });
  assert.notEqual(number, undefined, 'Expected a frame number in the picture');
  return number!;
}
