import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionStatus } from '../../services/stream/decode-backend.js';
import { PASSWORD, startTestApp } from '../support/test-app.js';

test('a camera that was never up has all fields', async (t) => {
  const { app, streams } = await startTestApp(t);
  streams.front!.become({ name: 'idle', sinceMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const answer = await app.inject('/cameras/front');
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(answer.json(), {
    id: 'front',
    name: 'The front',
    url: 'rtsp://***@camera.test/front?***',
    state: { name: 'idle', since: '2026-01-02T03:04:05.000Z' },
    codec: null,
    width: null,
    height: null,
    fps: null,
    bitrateKbps: null,
    keyframeIntervalMs: null,
    engine: { name: 'cpu', reason: 'A test plays the engine' },
    decode: { mode: 'on-demand', running: false },
    ring: { accessUnits: 0, bytes: 0, overflowed: false },
    ingest: null,
    ages: { accessUnitMs: null, keyframeMs: null, frameMs: null },
    viewers: 0,
    pictures: { encodes: 0, shared: 0 },
    counters: {
      sessions: 1,
      endings: {},
      transitions: {},
      accessUnits: 0,
      keyframes: 0,
      bytes: 0,
      decodedFrames: 0,
      losses: 0,
    },
  });
});

test('a camera that is live tells of its stream, with ages instead of times', async (t) => {
  const { app, streams } = await startTestApp(t);
  const nowMs = Date.now();
  const session: SessionStatus = {
    video: { codec: 'h264', width: 1280, height: 720, fps: 24.99712, bitrateKbps: 2047.6 },
    ingest: { name: 'rtsp' },
    decoding: true,
    ring: { accessUnits: 12, bytes: 34_567, overflowed: true },
    bufferedFrames: 3,
    nextSequence: 10,
    lastAccessUnitAtMs: nowMs - 100,
    lastKeyframeAtMs: nowMs - 2000,
    keyframeIntervalMs: 2000.2,
    counters: { accessUnits: 50, keyframes: 2, bytes: 99_000, decodedFrames: 9, losses: 1 },
  };
  streams.front!.know({
    session,
    sessions: 4,
    endings: { ERR_STREAM_ENDED: 3 },
    transitions: { live: 4 },
    newestFrame: { sequence: 9, receivedAtMs: nowMs - 140 },
  });
  const camera = (await app.inject('/cameras/front')).json();
  const { ages } = camera;
  assert.deepEqual(
    { codec: camera.codec, width: camera.width, height: camera.height, fps: camera.fps, kbps: camera.bitrateKbps },
    { codec: 'h264', width: 1280, height: 720, fps: 25, kbps: 2048 },
  );
  assert.deepEqual(camera.decode, { mode: 'on-demand', running: true });
  assert.deepEqual(camera.ring, session.ring);
  assert.deepEqual(camera.counters, {
    sessions: 4,
    endings: { ERR_STREAM_ENDED: 3 },
    transitions: { live: 4 },
    ...session.counters,
  });
  assert.equal(camera.keyframeIntervalMs, 2000);
  for (const [age, least] of [
    [ages.accessUnitMs, 100],
    [ages.keyframeMs, 2000],
    [ages.frameMs, 140],
  ] as [number, number][]) {
    assert.ok(age >= least && age < least + 10_000, `age ${age}`);
  }
});

test('sizes are unknown until the parameter sets were seen', async (t) => {
  const { app, streams } = await startTestApp(t);
  const video = { codec: 'h264', width: 0, height: 0, fps: 0, bitrateKbps: 0 };
  const counters = { accessUnits: 0, keyframes: 0, bytes: 0, decodedFrames: 0, losses: 0 };
  const ring = { accessUnits: 0, bytes: 0, overflowed: false };
  const held = { decoding: false, ring, bufferedFrames: 0, nextSequence: 1, counters };
  streams.front!.know({ session: { video, ingest: { name: 'rtsp' }, ...held } });
  const { codec, width, height } = (await app.inject('/cameras/front')).json();
  assert.deepEqual({ codec, width, height }, { codec: 'h264', width: null, height: null });
});

test('a camera that is down says why, since when, and when it is tried again', async (t) => {
  const { app, streams } = await startTestApp(t);
  const cause = { code: 'ERR_RTSP_TIMEOUT', message: 'The camera did not answer within 10000 ms' };
  streams.front!.become({ name: 'backingOff', sinceMs: 0, downSinceMs: -9000, attempt: 7, cause, retryAtMs: 4000 });
  assert.deepEqual((await app.inject('/cameras/front')).json().state, {
    name: 'backingOff',
    since: '1970-01-01T00:00:00.000Z',
    downSince: '1969-12-31T23:59:51.000Z',
    cause,
    retryAt: '1970-01-01T00:00:04.000Z',
    attempt: 7,
  });
});

test('all cameras, in their order, without a credential', async (t) => {
  const { app } = await startTestApp(t);
  const answer = await app.inject('/cameras');
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(
    answer.json().cameras.map(({ id }: { id: string }) => id),
    ['front', 'yard'],
  );
  assert.ok(!answer.body.includes(PASSWORD) && !answer.body.includes(encodeURIComponent(PASSWORD)));
});

for (const path of ['', '/snapshot.jpg', '/stream', '/stream.mjpeg']) {
  test(`an unknown camera is a 404 at /cameras/:id${path}`, async (t) => {
    const { app } = await startTestApp(t);
    const answer = await app.inject(`/cameras/nowhere${path}`);
    assert.equal(answer.statusCode, 404);
    assert.deepEqual(answer.json(), { code: 'ERR_CAMERA_NOT_FOUND', message: 'No camera has the id nowhere' });
  });
}

test('a path that nothing is served at is a 404 of another code', async (t) => {
  const { app } = await startTestApp(t);
  for (const url of ['/camera', '/cameras/front/nothing?secret=1', '/../package.json', '/%2e%2e/package.json']) {
    const answer = await app.inject(url);
    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.json().code, 'ERR_ROUTE_NOT_FOUND');
    assert.doesNotMatch(answer.body, /secret/);
  }
});

test('a malformed path is a 400', async (t) => {
  const { app } = await startTestApp(t);
  const answer = await app.inject('/cameras/%ff');
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.json().code, 'ERR_BAD_REQUEST');
});

test('the page is served at /, and may load nothing from elsewhere', async (t) => {
  const { app } = await startTestApp(t);
  const answer = await app.inject('/');
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^text\/html/);
  assert.match(String(answer.headers['content-security-policy']), /^default-src 'self'/);
  assert.match(answer.body, /<html/);
});
