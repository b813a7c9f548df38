import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { readAnnexB } from '../../simulator/clip/annex-b.js';
import { makeClip } from '../support/clips.js';
import { requires } from '../support/requires.js';

/** SPS syntax that differs between encoders' settings; the rate at the end is read only if all before it was. */
const H264_SETTINGS = {
  baseline: ['-profile:v', 'baseline'],
  'custom scaling matrices': ['-x264-params', 'cqm=jvt'],
  'cropped 1080p-like height': ['-vf', 'scale=64:36'],
  'interlaced coding': ['-x264-params', 'tff=1'],
  '4:4:4': ['-pix_fmt', 'yuv444p'],
  'sample aspect ratio and colour': ['-vf', 'setsar=64/45', '-colorspace', 'bt709', '-color_primaries', 'bt709'],
};

const H265_SETTINGS = {
  plain: '',
  'scaling lists': 'scaling-list=default',
  'several reference pictures': 'ref=4',
  'VUI with colour and aspect ratio': 'sar=4:colorprim=bt709:range=full:videoformat=pal:chromaloc=1',
  'no loop filters': 'sao=0:amp=0',
};

describe('frame rate from the SPS', { skip: requires('ffmpeg') }, () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=30000/1001:duration=0.2'];

  for (const [setting, args] of Object.entries(H264_SETTINGS)) {
    test(`H.264, ${setting}`, async () => {
      const all = [...picture, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-bf', '0', ...args];
      const clip = readAnnexB('h264', await readFile(await makeClip('sps', all, 'h264')));
      assert.equal(clip.framesPerSecond.toFixed(2), '29.97');
    });
  }

  for (const [setting, parameters] of Object.entries(H265_SETTINGS)) {
    test(`H.265, ${setting}`, async () => {
      const x265 = ['log-level=error:bframes=0', parameters].filter(Boolean).join(':');
      const all = [...picture, '-c:v', 'libx265', '-pix_fmt', 'yuv420p', '-x265-params', x265];
      const clip = readAnnexB('h265', await readFile(await makeClip('sps', all, 'h265')));
      assert.equal(clip.framesPerSecond.toFixed(2), '29.97');
    });
  }

  test('without timing in the SPS, fps has to be given', async () => {
    const x265 = ['-pix_fmt', 'yuv420p', '-x265-params', 'log-level=error:bframes=0:no-vui-timing-info=1'];
    const bytes = await readFile(await makeClip('sps', [...picture, '-c:v', 'libx265', ...x265], 'h265'));
    assert.throws(() => readAnnexB('h265', bytes), /Expected a frame rate in the SPS but it has none; give fps/);
    assert.equal(readAnnexB('h265', bytes, 12).framesPerSecond, 12);
  });
});
