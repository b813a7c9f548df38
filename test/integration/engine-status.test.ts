import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StreamDecoderFactory } from '../../index.js';
import { startDemoCamera } from '../../simulator/demo-camera.js';
import type { TimeHistogram } from '../../services/stream/decode-backend.js';

function times({ buckets }: TimeHistogram): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}

test('the engine tells how many threads it has and how long its decodes and encodes took', async (t) => {
  const camera = await startDemoCamera();
  const factory = StreamDecoderFactory.getInstance(0, { engine: 'cpu', workThreads: 3 });
  t.after(async () => {
    await factory.close();
    await camera.close();
  });
  const before = factory.status();
  assert.deepEqual(before.work, { threads: 3, queued: 0 });
  assert.deepEqual([times(before.decodeTimes), times(before.encodeTimes)], [0, 0]);
  const bounds = before.decodeTimes.buckets.map(({ upToS }) => upToS);
  assert.deepEqual(
    bounds,
    bounds.toSorted((a, b) => a - b),
  );
  assert.deepEqual([bounds[0], bounds.at(-1)], [0.0005, Infinity]);

  const decoder = factory.createDecoder(camera.url);
  const live = new Promise<void>((resolve) => {
    decoder.onStateChange(({ name }) => {
      if (name === 'live') resolve();
    });
  });
  decoder.start();
  await live;
  const frame = await decoder.getLatestFrame();
  await factory.encodeJpeg(frame, { quality: 80 });
  await factory.encodeJpeg(frame, { quality: 80, width: 320 });
  frame.release();
  const { decodeTimes, encodeTimes } = factory.status();
  assert.ok(times(decodeTimes) >= 1 && decodeTimes.sumS > 0);
  assert.equal(times(encodeTimes), 2);
  assert.ok(encodeTimes.sumS > 0 && encodeTimes.sumS < 20);
  await decoder.stop();
});
