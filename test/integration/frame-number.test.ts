import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { referenceFrames, toJfifPlanes } from '../support/clip-frames.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type Answer } from '../support/framewell-server.js';
import { numberedClip, type NumberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, psnr, type Picture } from '../support/picture.js';
import { requires } from '../support/requires.js';

const LINGER_MS = 200;

interface NumberedSnapshot {
  readonly number: number;
  readonly sequence: number;
  readonly picture: Picture;
}

describe('a snapshot of a clip whose frames are numbered', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let clip: NumberedClip;
  const mounts = new Map<string, Mount>();

  before(async () => {
    clip = await numberedClip();
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const loaded = await loadClip(clip.path);
    for (const id of ['cold', 'warm', 'always']) mounts.set(id, simulator.addMount(`/${id}`, loaded));
    server = await FramewellServer.start({
      cameras: [...mounts].map(([id, { url }]) => ({ id, url, decode: id === 'always' ? 'always' : 'on-demand' })),
      environment: { DECODE_LINGER_MS: String(LINGER_MS) },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of mounts.keys()) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  async function numberedSnapshot(id: string, quality = 90): Promise<NumberedSnapshot> {
    const answer = await server.snapshot(id, `?quality=${quality}`);
    assert.equal(answer.status, 200, answer.body.toString());
    const picture = await decodeJpeg(answer.body);
    const number = readFrameNumber(picture);
    assert.notEqual(number, undefined, 'Expected a frame number in the picture');
    return { number: number!, sequence: sequenceOf(answer), picture };
  }

  for (const { id, pauseMs } of [
    { id: 'cold', pauseMs: LINGER_MS * 3 },
    { id: 'warm', pauseMs: LINGER_MS / 3 },
    { id: 'always', pauseMs: LINGER_MS },
  ]) {
    test(`${id}: is the frame that the camera sent last`, async () => {
      const mount = mounts.get(id)!;
      const lastSent = (): number => mount.counters.accessUnits - 1;
      for (let round = 0; round < 8; round++) {
        const sentBefore = lastSent();
        const { number } = await numberedSnapshot(id);
        // The last one before the request may still have been on its way.
        const lead = (number - (sentBefore - 1) + 2 * clip.frames) % clip.frames;
        const most = lastSent() - (sentBefore - 1);
        assert.ok(lead <= most, `Expected a frame from ${sentBefore - 1} to ${lastSent()} but received ${number}`);
        await delay(pauseMs);
      }
    });

    test(`${id}: X-Frame-Sequence advances in step with the number`, async () => {
      const first = await numberedSnapshot(id);
      for (let round = 0; round < 5; round++) {
        await delay(pauseMs);
        const next = await numberedSnapshot(id);
        assert.ok(next.sequence > first.sequence);
        assert.equal(
          (next.sequence - first.sequence) % clip.frames,
          (next.number - first.number + clip.frames) % clip.frames,
        );
      }
    });
  }

  test('says when the picture was received', async () => {
    const answer = await server.snapshot('always');
    const receivedAtMs = Date.parse(answer.headers.get('x-frame-received-at')!);
    const ageMs = Number(answer.headers.get('x-frame-age-ms'));
    assert.ok(ageMs >= 0 && ageMs < 500, `Expected an age below 500 ms but received ${ageMs}`);
    assert.ok(Math.abs(Date.now() - receivedAtMs - ageMs) < 500);
  });

  // Y, Cb and Cr of the whole picture at quality 100 against what another decoder sees in the same frame. What is left
  // is the rounding of two conversions and of JPEG itself; a neighbouring frame has less than 20 dB.
  test('is what beamcoder decodes from that frame, at 40 dB or more', { skip: requires('beamcoder') }, async () => {
    const frames = await referenceFrames('beamcoder', clip, clip.frames);
    for (let round = 0; round < 3; round++) {
      const { number, picture } = await numberedSnapshot('cold', 100);
      const similarity = psnr(toJfifPlanes(picture), frames[number]!);
      assert.ok(similarity >= 40, `Expected 40 dB or more for frame ${number} but received ${similarity.toFixed(1)}`);
      const other = psnr(toJfifPlanes(picture), frames[(number + 1) % clip.frames]!);
      assert.ok(other < 30, `Expected the next frame to differ but it has ${other.toFixed(1)} dB`);
      await delay(LINGER_MS * 2);
    }
  });
});

function sequenceOf(answer: Answer): number {
  const sequence = answer.headers.get('x-frame-sequence');
  assert.match(sequence ?? '', /^\d+$/);
  return Number(sequence);
}
