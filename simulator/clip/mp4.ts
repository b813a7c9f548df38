import { createFile, MP4BoxBuffer, type Sample, type VisualSampleEntry } from 'mp4box';
import { CLOCK_RATE, createClip, type Clip, type TimedUnits } from './clip.js';
import type { NalCodec } from './nal-unit.js';

/** What a decoder configuration record (ISO/IEC 14496-15) says of the samples. */
interface NalFormat {
  readonly codec: NalCodec;
  readonly lengthSize: number;
  readonly parameterSets: readonly Buffer[];
}

/** A clip from the first video track of an MP4 file; B-frames get their times from the file. */
export function readMp4(bytes: Buffer): Clip {
  const file = createFile(false);
  let error: string | undefined;
  file.onError = (_module, message) => {
    error = message;
  };
  const { buffer, byteOffset, byteLength } = bytes;
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(buffer.slice(byteOffset, byteOffset + byteLength), 0), true);
  file.flush();
  const info = file.getInfo();
  const track = info.hasMoov ? info.videoTracks[0] : undefined;
  if (!track) throw new Error(`Expected an MP4 file with a video track${error ? `: ${error}` : ''}`);

  const samples = file.getTrackSamplesInfo(track.id);
  const format = nalFormat(samples[0]);
  const toTicks = (time: number): number => Math.round((time * CLOCK_RATE) / track.timescale);
  const timed = samples.map((sample, index): TimedUnits => {
    const nals = splitLengthPrefixed(bytes.subarray(sample.offset, sample.offset + sample.size), format.lengthSize);
    return {
      units: index === 0 ? [...format.parameterSets, ...nals] : nals,
      decodeTicks: toTicks(sample.dts),
      presentationTicks: toTicks(sample.cts),
    };
  });
  return createClip(format.codec, timed, toTicks(samples.reduce((sum, sample) => sum + sample.duration, 0)));
}

function nalFormat(sample: Sample | undefined): NalFormat {
  // The samples come from a video track, whose descriptions are of this kind (ISO/IEC 14496-12 12.1.3).
  const entry = sample?.description as VisualSampleEntry | undefined;
  if (entry?.avcC) {
    const { SPS, PPS, lengthSizeMinusOne } = entry.avcC;
    const parameterSets = [...SPS, ...PPS].map((set) => Buffer.from(set.data));
    return { codec: 'h264', lengthSize: lengthSizeMinusOne + 1, parameterSets };
  }
  if (entry?.hvcC) {
    const { nalu_arrays: arrays, lengthSizeMinusOne } = entry.hvcC;
    const parameterSets = [...arrays].flatMap((array) => [...array].map((nalu) => Buffer.from(nalu.data)));
    return { codec: 'h265', lengthSize: lengthSizeMinusOne + 1, parameterSets };
  }
  throw new Error(`Expected H.264 or H.265 in the MP4 file but found ${entry?.type ?? 'no samples'}`);
}

function splitLengthPrefixed(sample: Buffer, lengthSize: number): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = 0; at < sample.length;) {
    const begin = at + lengthSize;
    at = begin + sample.readUIntBE(at, lengthSize);
    nals.push(sample.subarray(begin, at));
  }
  return nals;
}
