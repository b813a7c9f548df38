import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { readAnnexB } from './annex-b.js';
import { CLOCK_RATE, createClip, type Clip } from './clip.js';
import { splitJpegs } from './jpeg.js';
import { readMp4 } from './mp4.js';

export interface LoadClipOptions {
  /** Frames per second of a file without times (.h264, .h265, .mjpeg); wins over what an SPS says. */
  readonly fps?: number;
}

/** Reads a clip: Annex B (.h264, .h265), MP4 (.mp4) or concatenated JPEGs (.mjpeg). */
export async function loadClip(path: string, { fps }: LoadClipOptions = {}): Promise<Clip> {
  const bytes = await readFile(path);
  try {
    return readClip(extname(path).toLowerCase(), bytes, fps);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot play ${path}: ${reason}`, { cause });
  }
}

function readClip(extension: string, bytes: Buffer, fps: number | undefined): Clip {
  switch (extension) {
    case '.h264':
    case '.264':
      return readAnnexB('h264', bytes, fps);
    case '.h265':
    case '.265':
    case '.hevc':
      return readAnnexB('h265', bytes, fps);
    case '.mp4':
      return readMp4(bytes);
    case '.mjpeg':
      return readJpegs(bytes, fps);
    default:
      throw new Error(`Expected a .h264, .h265, .mp4 or .mjpeg file but received '${extension}'`);
  }
}

function readJpegs(bytes: Buffer, fps: number | undefined): Clip {
  if (!fps) throw new Error('Expected fps for a .mjpeg file, which has no times');
  const frameTicks = CLOCK_RATE / fps;
  const timed = splitJpegs(bytes).map((jpeg, index) => {
    const ticks = Math.round(index * frameTicks);
    return { units: [jpeg], decodeTicks: ticks, presentationTicks: ticks };
  });
  return createClip('mjpeg', timed, Math.round(timed.length * frameTicks));
}
