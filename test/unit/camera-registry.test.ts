import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CameraConfig } from '../../services/cameras/camera-config.js';
import { CameraRegistry, type StreamOpener } from '../../services/cameras/camera-registry.js';
import { CameraSource } from '../../services/cameras/camera-source.js';
import { FramewellError } from '../../services/errors.js';
import { FakeStream } from '../support/fake-stream.js';
import { memoryLog } from '../support/test-app.js';

function open(...ids: string[]) {
  const streams: FakeStream[] = [];
  const opener: StreamOpener = {
    createDecoder() {
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
  };
  const { log, lines } = memoryLog();
  const registry = new CameraRegistry(opener, log);
  registry.apply(ids.map((id) => config(id)));
  return { registry, streams, lines };
}

function config(id: string, facts: Partial<CameraConfig> = {}): CameraConfig {
  return { id, name: id, source: new CameraSource(`rtsp://camera.test/${id}`), decode: 'always', ...facts };
}

const REFUSED = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };
const UNAUTHORIZED = { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera does not accept the password' };

test('cameras keep the order that they were set up in', () => {
  const { registry } = open('b', 'a', 'c');
  assert.deepEqual(
    registry.list().map(({ id }) => id),
    ['b', 'a', 'c'],
  );
  assert.equal(registry.get('a').id, 'a');
});

test('an unknown camera is an error with its code', () => {
  const { registry } = open('a');
  assert.throws(
    () => registry.get('b'),
    (error) => error instanceof FramewellError && error.code === 'ERR_CAMERA_NOT_FOUND',
  );
});

test('no stream starts before the registry does', () => {
  const { registry, streams } = open('a', 'b');
  assert.deepEqual(
    streams.map(({ isStarted }) => isStarted),
    [false, false],
  );
  registry.start();
  assert.deepEqual(
    streams.map(({ isStarted }) => isStarted),
    [true, true],
  );
});

test('transitions are logged once, tries in between are not', () => {
  const { registry, streams, lines } = open('a');
  registry.start();
  const [stream] = streams as [FakeStream];
  const times = { sinceMs: 0, downSinceMs: 0 };
  const backOff = (attempt: number) => {
    stream.become({ name: 'connecting', ...times, attempt });
    stream.become({ name: 'backingOff', ...times, attempt, cause: REFUSED, retryAtMs: 1 });
  };

  backOff(1);
  backOff(2);
  stream.become({ name: 'connecting', ...times, attempt: 3 });
  stream.become({ name: 'awaitingKeyframe', ...times });
  stream.goLive();
  stream.become({ name: 'awaitingKeyframe', ...times, cause: { code: 'ERR_PACKETS_LOST', message: 'Lost 1' } });
  stream.goLive();
  backOff(1);
  stream.become({ name: 'parked', ...times, attempt: 2, cause: UNAUTHORIZED });

  assert.deepEqual(
    lines
      .filter(({ level }) => level > 20)
      .map(({ level, msg, cameraId, cause, retries }) => ({ level, msg, cameraId, cause, retries })),
    [
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: REFUSED, retries: true },
      { level: 30, msg: 'Camera live', cameraId: 'a', cause: undefined, retries: undefined },
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: REFUSED, retries: true },
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: UNAUTHORIZED, retries: false },
    ],
  );
  assert.deepEqual(
    lines.filter(({ level }) => level === 20).map(({ from, state, cause }) => ({ from, state, cause })),
    [
      { from: 'idle', state: 'connecting', cause: undefined },
      { from: 'backingOff', state: 'connecting', cause: undefined },
      { from: 'connecting', state: 'backingOff', cause: REFUSED },
      { from: 'backingOff', state: 'connecting', cause: undefined },
      { from: 'connecting', state: 'awaitingKeyframe', cause: undefined },
      { from: 'live', state: 'awaitingKeyframe', cause: { code: 'ERR_PACKETS_LOST', message: 'Lost 1' } },
      { from: 'awaitingKeyframe', state: 'live', cause: undefined },
      { from: 'live', state: 'connecting', cause: undefined },
    ],
  );
});

test('only the streams of cameras that changed are touched', () => {
  const { registry, streams } = open('a', 'b', 'c');
  registry.start();
  const login = new CameraSource('rtsp://camera.test/b', { user: 'u', password: 'p' });
  registry.apply([config('d'), config('a', { name: 'Gate' }), config('b', { source: login })]);

  const [a, b, c, d, newB] = streams as [FakeStream, FakeStream, FakeStream, FakeStream, FakeStream];
  assert.equal(streams.length, 5);
  assert.deepEqual(
    [a, b, c].map(({ isStopped }) => isStopped),
    [false, true, true],
  );
  assert.equal(d.isStarted, true);
  assert.deepEqual(
    registry.list().map(({ id, name, stream }) => ({ id, name, stream })),
    [
      { id: 'd', name: 'd', stream: d },
      { id: 'a', name: 'Gate', stream: a },
      { id: 'b', name: 'b', stream: newB },
    ],
  );
});

test('a changed camera connects anew only when its connection is closed, however often it changes', async () => {
  const { registry, streams } = open('a');
  registry.start();
  const [first] = streams as [FakeStream];
  first.stopsSlowly = true;
  registry.apply([config('a', { decode: 'keyframes' })]);
  registry.apply([]);
  registry.apply([config('a', { decode: 'on-demand' })]);
  await turn();
  const [, second, third] = streams as [FakeStream, FakeStream, FakeStream];
  assert.deepEqual([second.isStarted, third.isStarted], [false, false]);
  first.finishStopping();
  await turn();
  assert.deepEqual([second.isStarted, third.isStarted], [false, true]);
});
