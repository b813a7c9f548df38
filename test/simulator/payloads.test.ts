import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { splitNalUnits } from '../../simulator/clip/annex-b.js';
import { parseJpeg, splitJpegs } from '../../simulator/clip/jpeg.js';
import { h264Payloads } from '../../simulator/rtp/h264-payload.js';
import { h265Payloads } from '../../simulator/rtp/h265-payload.js';
import { jpegPayloads } from '../../simulator/rtp/jpeg-payload.js';
import { assetPath } from '../../simulator/asset-path.js';
import { makeClip } from '../support/clips.js';
import { requires } from '../support/requires.js';
import { clips } from './clips.js';
import { h264Nals, h265Nals } from './depacketize.js';

const MAX_BYTES = 100;

/** A NAL unit with this header whose bytes all differ from their neighbours. */
function nal(header: readonly number[], bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => header[index] ?? index % 251));
}

const CODECS = [
  { name: 'H.264', header: [0x65], fragmentHeaderBytes: 2, payloads: h264Payloads, nals: h264Nals },
  { name: 'H.265', header: [0x27, 0x01], fragmentHeaderBytes: 3, payloads: h265Payloads, nals: h265Nals },
];

for (const { name, header, fragmentHeaderBytes, payloads, nals } of CODECS) {
  describe(`${name} payloads`, () => {
    const room = MAX_BYTES - fragmentHeaderBytes;
    for (const { bytes, packets } of [
      { bytes: header.length + 1, packets: 1 },
      { bytes: MAX_BYTES, packets: 1 },
      { bytes: MAX_BYTES + 1, packets: 2 },
      { bytes: header.length + 2 * room, packets: 2 },
      { bytes: header.length + 2 * room + 1, packets: 3 },
    ]) {
      test(`${bytes} bytes at most ${MAX_BYTES} a packet: ${packets} packets`, () => {
        const unit = nal(header, bytes);
        const made = payloads([unit], MAX_BYTES);
        assert.equal(made.length, packets);
        assert.ok(made.every((payload) => payload.length <= MAX_BYTES));
        assert.deepEqual(nals(made), [unit]);
      });
    }

    test('the first fragment alone has the start bit, the last alone the end bit', () => {
      const made = payloads([nal(header, 5 * room)], MAX_BYTES);
      const bits = made.map((payload) => payload.readUInt8(fragmentHeaderBytes - 1) >> 6);
      assert.deepEqual(bits, [0b10, 0, 0, 0, 0b01]);
    });
  });
}

describe('payloads of encoded clips', { skip: requires('ffmpeg') }, () => {
  test('H.264 and H.265 NAL units come back as they were', async () => {
    const h264 = splitNalUnits(await readFile(await clips.h264()));
    assert.deepEqual(h264Nals(h264Payloads(h264, 1400)), h264);
    const h265 = splitNalUnits(await readFile(await clips.h265()));
    assert.deepEqual(h265Nals(h265Payloads(h265, 1400)), h265);
  });

  test('JPEG: offsets, type, Q, size and tables as in RFC 2435', async () => {
    const [jpeg] = splitJpegs(await readFile(await clips.mjpeg()));
    const picture = parseJpeg(jpeg!);
    const payloads = jpegPayloads(jpeg!, 1400);
    assert.ok(payloads.length > 2);
    let scan: Buffer = Buffer.alloc(0);
    for (const [index, payload] of payloads.entries()) {
      assert.ok(payload.length <= 1400);
      assert.equal(payload.readUIntBE(1, 3), scan.length, 'fragment offset');
      assert.deepEqual([...payload.subarray(4, 8)], [1, 255, 320 / 8, 240 / 8], 'type 4:2:0, Q in band, size');
      if (index > 0) {
        scan = Buffer.concat([scan, payload.subarray(8)]);
        continue;
      }
      assert.deepEqual([...payload.subarray(8, 12)], [0, 0, 0, 128], 'MBZ, 8-bit precision, two tables');
      assert.deepEqual(payload.subarray(12, 140), picture.quantizationTables);
      scan = payload.subarray(140);
    }
    assert.deepEqual(scan, picture.scan);
  });

  test('JPEG with Huffman tables of its own is refused', async () => {
    const path = await makeClip(
      'own-huffman',
      ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=0.04', '-pix_fmt', 'yuvj420p', '-huffman', 'optimal'],
      'mjpeg',
    );
    const [jpeg] = splitJpegs(await readFile(path));
    assert.throws(() => jpegPayloads(jpeg!, 1400), /Expected the Huffman tables of T.81 annex K/);
  });
});

test('JPEG 4:2:2 with restart markers: type 64, restart header in each packet', async () => {
  const jpeg = await readFile(assetPath('test', 'simulator', 'fixtures', '422-restart.jpg'));
  const picture = parseJpeg(jpeg);
  assert.equal(picture.subsampling, '4:2:2');
  const payloads = jpegPayloads(jpeg, 400);
  assert.ok(payloads.length > 1);
  for (const payload of payloads) {
    assert.equal(payload.readUInt8(4), 64);
    assert.equal(payload.readUInt16BE(8), picture.restartInterval);
    assert.equal(payload.readUInt16BE(10), 0xffff, 'first and last of a restart interval, whole frame');
  }
});

test('JPEG of a size that RFC 2435 cannot write is refused', async () => {
  const jpeg = Buffer.from(await readFile(assetPath('test', 'simulator', 'fixtures', '422-restart.jpg')));
  const startOfFrame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(60, startOfFrame + 5);
  assert.throws(() => parseJpeg(jpeg), /Expected a multiple of 8 up to 2040 for height but received 60/);
});
