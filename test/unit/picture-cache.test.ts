import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { PictureCache } from '../../services/jpeg/picture-cache.js';
import { FakeFrames } from '../support/fake-backend.js';
import { FakeEncoder, memoryLog } from '../support/test-app.js';

function make() {
  const encoder = new FakeEncoder();
  const { log, lines } = memoryLog();
  return { cache: new PictureCache(encoder.encode, log), encoder, frames: new FakeFrames(), lines };
}

test('requests for the same picture join one encode, during it and after it', async () => {
  const { cache, encoder, frames } = make();
  encoder.hold();
  const first = cache.jpegOf(frames.make(1), { quality: 80 });
  const second = cache.jpegOf(frames.make(1), { quality: 80 });
  encoder.release();
  assert.equal(await first, await second);
  assert.equal(await cache.jpegOf(frames.make(1), { quality: 80 }), await first);
  assert.equal(encoder.encodes.length, 1);
});

test('another frame, size or quality is another picture', async () => {
  const { cache, encoder, frames } = make();
  const wishes = [{ quality: 80 }, { quality: 81 }, { quality: 80, width: 320 }, { quality: 80, height: 320 }];
  for (const options of [...wishes, ...wishes]) await cache.jpegOf(frames.make(1), options);
  await cache.jpegOf(frames.make(2), { quality: 80 });
  assert.deepEqual(encoder.encodes, [
    ...wishes.map((options) => ({ sequence: 1, options })),
    { sequence: 2, options: { quality: 80 } },
  ]);
});

test('a bound that the frame keeps anyway makes no other picture', async () => {
  const { cache, encoder, frames } = make();
  const frame = frames.make(1, { width: 640, height: 360 });
  await cache.jpegOf(frame, { quality: 80 });
  await cache.jpegOf(frame, { quality: 80, width: 640, height: 8192 });
  assert.equal(encoder.encodes.length, 1);
  await cache.jpegOf(frame, { quality: 80, width: 639, height: 8192 });
  assert.deepEqual(encoder.encodes[1], { sequence: 1, options: { quality: 80, width: 639 } });
});

test('an older frame gets its own picture and leaves the newer ones alone', async () => {
  const { cache, encoder, frames } = make();
  const newer = await cache.jpegOf(frames.make(2), { quality: 80 });
  assert.equal(JSON.parse(String(await cache.jpegOf(frames.make(1), { quality: 80 }))).sequence, 1);
  assert.equal(await cache.jpegOf(frames.make(2), { quality: 80 }), newer);
  assert.equal(encoder.encodes.length, 2);
});

test('a client that asks for ever new sizes fills no memory', async () => {
  const { cache, encoder, frames } = make();
  for (let width = 100; width < 117; width++) await cache.jpegOf(frames.make(1), { quality: 80, width });
  assert.equal(encoder.encodes.length, 17);
  await cache.jpegOf(frames.make(1), { quality: 80, width: 116 });
  assert.equal(encoder.encodes.length, 17, 'the newest is held');
  await cache.jpegOf(frames.make(1), { quality: 80, width: 100 });
  assert.equal(encoder.encodes.length, 18, 'the oldest is not');
});

test('a failed encode is tried again, and logged once until one succeeds', async () => {
  const { cache, encoder, frames, lines } = make();
  encoder.failure = new StreamError('ERR_ENCODE_FAILED', 'No memory');
  await assert.rejects(cache.jpegOf(frames.make(1), { quality: 80 }), encoder.failure);
  await assert.rejects(cache.jpegOf(frames.make(1), { quality: 80 }), encoder.failure);
  encoder.failure = undefined;
  await cache.jpegOf(frames.make(1), { quality: 80 });
  encoder.failure = new StreamError('ERR_ENCODE_FAILED', 'No memory');
  await assert.rejects(cache.jpegOf(frames.make(2), { quality: 80 }), encoder.failure);
  assert.equal(encoder.encodes.length, 4);
  assert.deepEqual(
    lines.map(({ msg, cause }) => ({ msg, cause })),
    Array(2).fill({ msg: 'Picture not encoded', cause: { code: 'ERR_ENCODE_FAILED', message: 'No memory' } }),
  );
});
