import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  const configs = ids.map((id) => {
    return { id, name: id, source: new CameraSource(`rtsp://camera.test/${id}`), decode: 'always' } as const;
  });
  const { log, lines } = memoryLog();
  return { registry: new CameraRegistry(configs, opener, log), streams, lines };
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
  const sinceMs = 0;
  const backOff = (attempt: number) => {
    stream.become({ name: 'connecting', sinceMs, attempt });
    stream.become({ name: 'backingOff', sinceMs, attempt, cause: REFUSED, retryAtMs: 1 });
  };

  backOff(1);
  backOff(2);
  stream.become({ name: 'connecting', sinceMs, attempt: 3 });
  stream.become({ name: 'awaitingKeyframe', sinceMs });
  stream.goLive();
  stream.become({ name: 'awaitingKeyframe', sinceMs, cause: { code: 'ERR_PACKETS_LOST', message: 'Lost 1' } });
  stream.goLive();
  backOff(1);
  stream.become({ name: 'parked', sinceMs, cause: UNAUTHORIZED });

  assert.deepEqual(
    lines.map(({ level, msg, cameraId, cause, retries }) => ({ level, msg, cameraId, cause, retries })),
    [
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: REFUSED, retries: true },
      { level: 30, msg: 'Camera live', cameraId: 'a', cause: undefined, retries: undefined },
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: REFUSED, retries: true },
      { level: 40, msg: 'Camera down', cameraId: 'a', cause: UNAUTHORIZED, retries: false },
    ],
  );
});
