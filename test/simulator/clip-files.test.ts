import assert from 'node:assert/strict';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAnnexB, splitNalUnits } from '../../simulator/clip/annex-b.js';
import { createClip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { isParameterSet } from '../../simulator/clip/nal-unit.js';
import { requires } from '../support/requires.js';
import { clips } from './clips.js';
import { PPS, SPS, syntheticClip } from './synthetic-clip.js';

const FRAME_TICKS = 3600;

describe('loadClip', { skip: requires('ffmpeg') }, () => {
  for (const name of ['h264', 'h265', 'mjpeg'] as const) {
    test(`${name}: 50 access units at 25 frames a second, in display order`, async () => {
      const clip = await loadClip(await clips[name](), name === 'mjpeg' ? { fps: 25 } : {});
      assert.equal(clip.codec, name);
      assert.equal(clip.framesPerSecond, 25);
      assert.equal(clip.durationTicks, 50 * FRAME_TICKS);
      assert.equal(clip.reorderTicks, 0);
      const times = clip.accessUnits.map((unit) => unit.presentationTicks);
      assert.deepEqual(
        times,
        Array.from({ length: 50 }, (_, index) => index * FRAME_TICKS),
      );
      const keyframes = clip.accessUnits.flatMap((unit, index) => (unit.keyframe ? [index] : []));
      assert.deepEqual(keyframes, name === 'mjpeg' ? [...times.keys()] : [0, 25]);
    });
  }

  for (const name of ['h264WithBFrames', 'h265WithBFrames'] as const) {
    test(`${name}: MP4 gives decoding order with the times of display`, async () => {
      const { codec, accessUnits, reorderTicks, durationTicks } = await loadClip(await clips[name]());
      assert.equal(durationTicks, 50 * FRAME_TICKS);
      assert.ok(reorderTicks > 0);
      assert.ok(accessUnits.every((unit) => unit.presentationTicks >= unit.decodeTicks));
      const shown = accessUnits.map((unit) => unit.presentationTicks).sort((a, b) => a - b);
      assert.deepEqual(
        shown.map((ticks) => ticks - shown[0]!),
        accessUnits.map((unit) => unit.decodeTicks),
      );
      for (const unit of accessUnits.filter(({ keyframe }) => keyframe)) {
        assert.ok(codec !== 'mjpeg' && isParameterSet(codec, unit.units[0]!), 'keyframes carry parameter sets');
      }
    });
  }

  test('fps wins over the SPS', async () => {
    const clip = await loadClip(await clips.h264(), { fps: 10 });
    assert.equal(clip.framesPerSecond, 10);
  });

  test('Annex B with B-frames is refused, with the way out', async () => {
    const path = await clips.annexBWithBFrames();
    await assert.rejects(loadClip(path), {
      message: /^Cannot play .*without B-frames.*an MP4 file carries their times$/,
    });
  });

  test('a clip that begins in the middle of a group of pictures is refused', async () => {
    const nals = splitNalUnits(await readFile(await clips.h264()));
    const isIdr = (nal: Buffer): boolean => (nal.readUInt8(0) & 0x1f) === 5;
    const bytes = Buffer.concat(nals.filter((nal) => !isIdr(nal)).flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]));
    assert.throws(() => readAnnexB('h264', bytes), /Expected the clip to begin with a keyframe/);
  });

  test('motion JPEG without fps is refused', async () => {
    await assert.rejects(loadClip(await clips.mjpeg()), /Expected fps for a .mjpeg file/);
  });

  test('files that are no clips are refused with their path', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'clip-files-'));
    try {
      for (const [name, reason] of [
        ['text.h264', /Expected an SPS but found none/],
        ['text.mp4', /Expected an MP4 file with a video track/],
        ['text.mjpeg', /Expected a JPEG's SOI marker at byte 0/],
        ['text.txt', /Expected a .h264, .h265, .mp4 or .mjpeg file but received '.txt'/],
      ] as const) {
        const path = join(directory, name);
        await writeFile(path, 'no clip at all');
        await assert.rejects(loadClip(path, { fps: 25 }), (error: Error) => {
          assert.match(error.message, reason);
          assert.ok(error.message.startsWith(`Cannot play ${path}: `));
          return true;
        });
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('splitNalUnits', () => {
  test('takes three- and four-byte start codes and trailing zeros', () => {
    const bytes = Buffer.from('00000001 6742 000001 68ce 0000 000001 6588 00'.replaceAll(' ', ''), 'hex');
    assert.deepEqual(
      splitNalUnits(bytes).map((nal) => nal.toString('hex')),
      ['6742', '68ce', '6588'],
    );
  });
});

describe('createClip', () => {
  test('gives a later keyframe the parameter sets of the one before', () => {
    const clip = createClip(
      'h264',
      [
        { units: [SPS, PPS, Buffer.from([0x65, 0x80])], decodeTicks: 0, presentationTicks: 0 },
        { units: [Buffer.from([0x65, 0x81])], decodeTicks: 3600, presentationTicks: 3600 },
      ],
      7200,
    );
    assert.deepEqual(clip.accessUnits[1]!.units, [SPS, PPS, Buffer.from([0x65, 0x81])]);
  });

  test('a constant delay between decoding and display is no reordering', () => {
    const { accessUnits } = syntheticClip();
    const delayed = accessUnits.map((unit) => ({ ...unit, presentationTicks: unit.presentationTicks + 7200 }));
    const clip = createClip('h264', delayed, 12 * 900);
    assert.equal(clip.reorderTicks, 0);
    assert.equal(clip.accessUnits[0]!.presentationTicks, 0);
  });
});
