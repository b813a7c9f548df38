import assert from 'node:assert/strict';

import { CLOCK_RATE, type Clip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { referenceFrames, toJfifPlanes, type JfifPlanes } from '../support/clip-frames.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip, type NumberedClipOptions } from '../support/numbered-clip.js';
import { decodeJpeg, psnr } from '../support/picture.js';

/** At quality 95 an undamaged frame has 40 dB and more; one lost slice, or one block of grey, has less than 30. */
const CLEAN_DB = 36;

/** A clip whose frames say their number, with what each of them has to look like. */
export class NumberedSource {
  readonly clip: Clip;
  readonly gop: number;
  /** By the numbers; one list, or several that a picture may come from. */
  readonly #lists: readonly (readonly JfifPlanes[])[];

  private constructor(clip: Clip, gop: number, lists: readonly (readonly JfifPlanes[])[]) {
    this.clip = clip;
    this.gop = gop;
    this.#lists = lists;
  }

  /** Small pictures by default, four seconds, a keyframe a second: many cameras fit on a small machine. */
  static async load(options: NumberedClipOptions = {}): Promise<NumberedSource> {
    const made = await numberedClip({ width: 320, height: 180, frames: 100, gop: 25, ...options });
    const frames = await referenceFrames('ffmpeg', made, made.frames);
    return new NumberedSource(await loadClip(made.path), made.gop, [frames]);
  }

  /** This clip, for a camera that also shows the other one. */
  or(other: NumberedSource): NumberedSource {
    return new NumberedSource(this.clip, this.gop, [...this.#lists, ...other.#lists]);
  }

  get fps(): number {
    return this.clip.framesPerSecond;
  }

  /**
   * A camera of its own out of the frames from `first` on, which has to be a keyframe; their numbers stay. Pictures
   * of all parts are recognised by the whole.
   */
  part(first: number, count: number): Clip {
    const units = this.clip.accessUnits.slice(first, first + count);
    const originTicks = units[0]!.decodeTicks;
    const accessUnits = units.map((unit) => ({
      ...unit,
      decodeTicks: unit.decodeTicks - originTicks,
      presentationTicks: unit.presentationTicks - originTicks,
    }));
    return { ...this.clip, accessUnits, durationTicks: (count * CLOCK_RATE) / this.fps };
  }

  /**
   * The number of the frame that a JPEG shows. Throws unless it shows one, whole.
   * @param cleanDb what an undamaged frame has in the JPEG's quality; in 95 by default
   */
  async numberOf(jpeg: Buffer, cleanDb = CLEAN_DB): Promise<number> {
    const picture = await decodeJpeg(jpeg);
    const number = readFrameNumber(picture);
    assert.ok(number !== undefined, 'Expected a frame number in the picture but found none');
    const planes = toJfifPlanes(picture);
    const references = this.#lists.flatMap((frames) => frames[number] ?? []);
    const similar = references.filter(({ length }) => length === planes.length).map((frame) => psnr(planes, frame));
    const similarity = Math.max(...similar);
    assert.ok(similarity >= cleanDb, `Expected frame ${number} whole but it has ${similarity.toFixed(1)} dB`);
    return number;
  }
}
