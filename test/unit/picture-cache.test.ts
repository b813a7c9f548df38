import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { PictureCache } from '../../services/jpeg/picture-cache.js';
import type { PictureOptions } from '../../services/jpeg/picture-options.js';
import { FakeFrames } from '../support/fake-backend.js';
import { FakeEncoder, memoryLog } from '../support/test-app.js';

function make() {
  const encoder = new FakeEncoder();
  const { log, lines } = memoryLog();
  const transcodes: { format: string; quality: number | undefined }[] = [];
  const transcode = async (jpeg: Buffer, format: string, quality: number | undefined) => {
    transcodes.push({ format, quality });
    return Buffer.concat([Buffer.from(format), jpeg]);
  };
  const cache = new PictureCache(encoder.encode, log, transcode);
  return { cache, encoder, transcodes, frames: new FakeFrames(), lines };
}

test('requests for the same picture join one encode, during it and after it', async () => {
  const { cache, encoder, frames } = make();
  encoder.hold();
  const first = cache.jpegOf(frames.make(1), { quality: 80 });
  const second = cache.jpegOf(frames.make(1), { quality: 80 });
  encoder.release();
  assert.equal(await first, await second);
  assert.equal(await cache.pictureOf(frames.make(1), { quality: 80 }), await first);
  assert.equal(encoder.encodes.length, 1);
  assert.deepEqual(cache.counters, { encodes: 1, shared: 2 });
});

test('whatever makes the bytes differ makes another picture', async () => {
  const { cache, encoder, frames } = make();
  const crop = { x: 100, y: 100, width: 640, height: 360 };
  const wishes: PictureOptions[] = [
    { quality: 80 },
    { quality: 81 },
    {},
    { quality: 80, width: 320 },
    { quality: 80, height: 320 },
    { quality: 80, width: 320, height: 320 },
    { quality: 80, width: 320, height: 320, fit: 'cover' },
    { quality: 80, crop },
    { quality: 80, crop: { ...crop, x: 101 } },
    { quality: 80, width: 320, crop },
  ];
  for (const options of [...wishes, ...wishes]) await cache.jpegOf(frames.make(1), options);
  await cache.jpegOf(frames.make(2), { quality: 80 });
  assert.deepEqual(encoder.encodes, [
    ...wishes.map((options) => ({ sequence: 1, options })),
    { sequence: 2, options: { quality: 80 } },
  ]);
  assert.deepEqual(cache.counters, { encodes: 11, shared: 10 });
});

for (const { title, options, made } of [
  { title: 'bounds that it keeps anyway', options: { width: 640, height: 8192 }, made: {} },
  { title: 'one bound that it keeps anyway', options: { width: 639, height: 8192 }, made: { width: 639 } },
  { title: 'a box of its own shape to fill', options: { width: 1280, height: 720, fit: 'cover' }, made: {} },
  { title: 'a way to fit into one side', options: { width: 320, fit: 'cover' }, made: { width: 320 } },
  {
    title: 'the usual way to fit',
    options: { width: 320, height: 320, fit: 'inside' },
    made: { width: 320, height: 320 },
  },
  {
    title: 'a large box of another shape, which does change it',
    options: { width: 4000, height: 4000, fit: 'cover' },
    made: { width: 4000, height: 4000, fit: 'cover' },
  },
  { title: 'a crop of all of it', options: { crop: { x: 0, y: 0, width: 640, height: 360 } }, made: {} },
  {
    title: 'bounds that its part keeps anyway',
    options: { width: 300, crop: { x: 0, y: 0, width: 300, height: 360 } },
    made: { crop: { x: 0, y: 0, width: 300, height: 360 } },
  },
] satisfies { title: string; options: PictureOptions; made: PictureOptions }[]) {
  test(`to a frame of 640x360: ${title}`, async () => {
    const { cache, encoder, frames } = make();
    const frame = frames.make(1, { width: 640, height: 360 });
    await cache.jpegOf(frame, options);
    await cache.jpegOf(frame, made);
    assert.deepEqual(encoder.encodes, [{ sequence: 1, options: made }]);
  });
}

test('a crop has to be inside the frame', async () => {
  const { cache, encoder, frames } = make();
  const frame = frames.make(1, { width: 640, height: 360 });
  const crop = { x: 600, y: 0, width: 41, height: 100 };
  for (const format of ['jpeg', 'webp'] as const) {
    await assert.rejects(cache.pictureOf(frame, { crop, format }), {
      code: 'ERR_BAD_PARAMETER',
      message: 'Expected x,y,width,height inside the picture of 640x360 pixels for crop but received 600,0,41,100',
    });
  }
  assert.equal(encoder.encodes.length, 0);
});

test('other formats are made of one good JPEG, each once', async () => {
  const { cache, encoder, transcodes, frames } = make();
  for (const format of ['webp', 'avif', 'webp', 'avif'] as const) {
    const picture = await cache.pictureOf(frames.make(1), { format, quality: 40, width: 320 });
    assert.ok(picture.toString().startsWith(format));
  }
  await cache.pictureOf(frames.make(1), { format: 'avif', width: 320 });
  assert.deepEqual(encoder.encodes, [{ sequence: 1, options: { quality: 95, width: 320 } }]);
  assert.deepEqual(transcodes, [
    { format: 'webp', quality: 40 },
    { format: 'avif', quality: 40 },
    { format: 'avif', quality: undefined },
  ]);
});

test('an older frame gets its own picture, shared only while it is made, and leaves the newer ones alone', async () => {
  const { cache, encoder, frames } = make();
  const newer = await cache.jpegOf(frames.make(2), { quality: 80 });
  encoder.hold();
  const older = [1, 1].map((sequence) => cache.jpegOf(frames.make(sequence), { quality: 80 }));
  encoder.release();
  assert.equal(await older[0], await older[1]);
  assert.equal(JSON.parse(String(await older[0])).sequence, 1);
  assert.equal(await cache.jpegOf(frames.make(2), { quality: 80 }), newer);
  assert.equal(encoder.encodes.length, 2);
  await cache.jpegOf(frames.make(1), { quality: 80 });
  assert.equal(encoder.encodes.length, 3);
});

test('a picture that is being made when a newer frame comes is joined to its end, and not kept', async () => {
  const { cache, encoder, frames } = make();
  encoder.hold();
  const first = cache.jpegOf(frames.make(1), {});
  const newer = cache.jpegOf(frames.make(2), {});
  const second = cache.jpegOf(frames.make(1), {});
  encoder.release();
  assert.equal(await second, await first);
  await newer;
  assert.equal(encoder.encodes.length, 2);
  await cache.jpegOf(frames.make(1), {});
  assert.equal(encoder.encodes.length, 3);
});

test('tells whether the picture of the newest frame is there or on its way', async () => {
  const { cache, encoder, frames } = make();
  assert.equal(cache.has(1, {}), false);
  encoder.hold();
  const picture = cache.jpegOf(frames.make(1), { width: 320 });
  assert.equal(cache.has(1, { width: 320, height: 8000 }), true);
  encoder.release();
  await picture;
  assert.equal(cache.has(1, { width: 320 }), true);
  assert.equal(cache.has(1, { width: 321 }), false);
  assert.equal(cache.has(2, { width: 320 }), false);
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
  await assert.rejects(cache.pictureOf(frames.make(1), { format: 'webp' }), encoder.failure);
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
