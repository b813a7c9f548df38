import sharp from 'sharp';
import { referenceFrames, toJfifPlanes } from '../../test/support/clip-frames.js';
import { readFrameNumber } from '../../test/support/frame-number.js';
import { decodeJpeg, psnr } from '../../test/support/picture.js';
import type { SentAtMs } from './clock-cameras.js';
import type { ClockClip } from './clock-clip.js';
import { median } from './statistics.js';

export interface ReceivedPicture {
  readonly camera: number;
  readonly jpeg: Buffer;
  /** When its last byte was there, by `monotonicMs()`. */
  readonly atMs: number;
}

/** libjpeg decodes at an eighth of the size: a third of the time, and the number's squares stay large enough. */
const READING_WIDTH = 160;

/**
 * How old each picture was when it came, in milliseconds since its camera had sent the frame's last byte, by the number in the
 * picture itself; `sentAtMs` is what the cameras told right after the pictures came. Right up to the length of the
 * clip, which goes round and round. Pictures without a number that can be read are left out.
 */
export async function agesOf(
  pictures: readonly ReceivedPicture[],
  { frames, fps }: ClockClip,
  sentAtMs: SentAtMs,
): Promise<number[]> {
  const loopMs = (frames * 1000) / fps;
  const ages: number[] = [];
  for (const { camera, jpeg, atMs } of pictures) {
    const number = await numberOf(jpeg);
    if (number === undefined) continue;
    const ageMs = atMs - sentAtMs[camera]![number]!;
    // Sent again since the picture came.
    ages.push(ageMs >= 0 ? ageMs : ageMs + Math.ceil(-ageMs / loopMs) * loopMs);
  }
  return ages;
}

async function numberOf(jpeg: Buffer): Promise<number | undefined> {
  const image = sharp(jpeg).resize(READING_WIDTH).toColourspace('srgb').removeAlpha().raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return readFrameNumber({ width: info.width, height: info.height, rgb: data });
}

/** What pictures of the clip's first frames should look like. */
const REFERENCE_FRAMES = 20;
const MOST_COMPARED = 8;

/** Holds pictures against the clip's frames, decoded by ffmpeg and brought to a JPEG's range. */
export class Likeness {
  readonly #references: readonly Buffer[];

  private constructor(references: readonly Buffer[]) {
    this.#references = references;
  }

  static async of(clip: ClockClip): Promise<Likeness> {
    return new Likeness(await referenceFrames('ffmpeg', clip, REFERENCE_FRAMES));
  }

  /** Median PSNR in dB of those among the pictures that show one of the first frames; undefined where none does. */
  async of(pictures: readonly ReceivedPicture[]): Promise<number | undefined> {
    const likenesses: number[] = [];
    for (const { jpeg } of pictures) {
      const number = await numberOf(jpeg);
      const reference = number === undefined ? undefined : this.#references[number];
      if (!reference) continue;
      likenesses.push(psnr(toJfifPlanes(await decodeJpeg(jpeg)), reference));
      if (likenesses.length === MOST_COMPARED) break;
    }
    return likenesses.length === 0 ? undefined : median(likenesses);
  }
}
