import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { StreamDecoderFactory, type StreamDecoder } from '../../index.js';
import { startDemoCamera } from '../../simulator/demo-camera.js';
import type { TimeCounts } from '../../services/stream/decode-backend.js';

function times({ counts }: TimeCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

async function start(t: TestContext) {
  const camera = await startDemoCamera();
  const factory = StreamDecoderFactory.getInstance(0, { engine: 'cpu', workThreads: 3 });
  t.after(async () => {
    await factory.close();
    await camera.close();
  });
  return { camera, factory };
}

async function live(decoder: StreamDecoder): Promise<void> {
  const states = new EventEmitter();
  decoder.onStateChange(({ name }) => states.emit(name));
  const isLive = once(states, 'live');
  decoder.start();
  await isLive;
}

test('the engine tells how many threads it has and what waits for them', async (t) => {
  const { factory } = await start(t);
  assert.deepEqual(factory.status(), { work: { threads: 3, queued: 0 } });
});

test("a camera tells how long its own decodes and encodes took, and nothing of another's", async (t) => {
  const { camera, factory } = await start(t);
  const decoder = factory.createDecoder(camera.url);
  const idle = factory.createDecoder(camera.url);
  await Promise.all([live(decoder), live(idle)]);
  const { boundsS, decodes, encodes } = decoder.getWorkTimes();
  assert.deepEqual([times(decodes), times(encodes)], [0, 0]);
  assert.deepEqual(boundsS, [0.001, 0.004, 0.01, 0.04, 0.1, 0.4]);
  assert.equal(decodes.counts.length, boundsS.length + 1);

  const frame = await decoder.getLatestFrame();
  await factory.encodeJpeg(frame, { quality: 80 });
  // What is encoded after the camera's end is still of the camera.
  await decoder.stop();
  await factory.encodeJpeg(frame, { quality: 80, width: 320 });
  frame.release();
  const worked = decoder.getWorkTimes();
  assert.ok(times(worked.decodes) >= 1 && worked.decodes.sumS > 0);
  assert.equal(times(worked.encodes), 2);
  assert.ok(worked.encodes.sumS > 0 && worked.encodes.sumS < 20);
  assert.deepEqual([times(idle.getWorkTimes().decodes), times(idle.getWorkTimes().encodes)], [0, 0]);
});
