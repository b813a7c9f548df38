import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type Answer, type CameraSettings } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { Viewer } from '../support/viewer.js';

const TIMEOUT_MS = 1000;
const GOP = 50;
const LOGIN = { user: 'nobody-special', password: 'pass#with@signs' };

describe('cameras go and come', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const mounts = new Map<string, Mount>();
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ gop: GOP })).path);
    const cameras: CameraSettings[] = [];
    for (const kind of ['killed', 'stalled']) {
      for (const transport of ['tcp', 'udp'] as const) {
        const id = `${kind}-${transport}`;
        mounts.set(id, simulator.addMount(`/${id}`, clip));
        cameras.push({ id, url: mounts.get(id)!.url, transport });
      }
    }
    mounts.set('mute', simulator.addMount('/mute', clip, { answer: { kind: 'silence' } }));
    mounts.set('waiting', simulator.addMount('/waiting', clip, { startAt: 'mid-gop' }));
    mounts.set('locked', simulator.addMount('/locked', clip, { auth: { scheme: 'digest', ...LOGIN } }));
    for (const id of ['mute', 'waiting']) cameras.push({ id, url: mounts.get(id)!.url });
    cameras.push({ id: 'locked', url: mounts.get('locked')!.url, user: LOGIN.user, password: 'mistyped' });
    server = await FramewellServer.start({
      cameras,
      environment: { STALL_TIMEOUT_MS: String(TIMEOUT_MS), CONNECT_TIMEOUT_MS: String(TIMEOUT_MS) },
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  // First of all tests, while the camera still waits.
  test('a camera that waits for its first keyframe answers 503, then shows the keyframe', async () => {
    await server.untilState('waiting', 'awaitingKeyframe');
    const early = await server.snapshot('waiting', '?wait=0');
    assert.equal(early.status, 503);
    assert.equal((early.json() as { code: string }).code, 'ERR_CAMERA_CONNECTING');
    assert.ok(Number(early.headers.get('retry-after')) >= 1);

    await server.untilState('waiting', 'live');
    const answer = await server.snapshot('waiting');
    assert.equal(answer.status, 200, answer.body.toString());
    const number = readFrameNumber(await decodeJpeg(answer.body));
    assert.ok(number! >= GOP && number! < GOP + 5, `Expected the keyframe ${GOP} but received frame ${number}`);
  });

  for (const transport of ['tcp', 'udp']) {
    test(`a camera that is killed and comes back, over ${transport}`, async () => {
      const id = `killed-${transport}`;
      const mount = mounts.get(id)!;
      await server.untilState(id, 'live');
      const first = await server.snapshot(id);
      assert.equal(first.status, 200, first.body.toString());
      const viewer = await Viewer.open(server.origin, id);
      await viewer.received(5);

      mount.change({ answer: { kind: 'close' } });
      mount.killSessions();
      await server.untilState(id, 'backingOff');
      assertDown(await server.snapshot(id, '?maxAge=0&wait=0'), 'ERR_FRAME_STALE', /^ERR_(STREAM_ENDED|RTSP_)/);
      const seenBefore = viewer.pictures.length;

      mount.change({ answer: { kind: 'serve' } });
      await server.untilState(id, 'live', 20_000);
      const second = await server.snapshot(id);
      assert.equal(second.status, 200, second.body.toString());
      assert.ok(sequenceOf(second) > sequenceOf(first), 'Expected the sequence to go on over the connections');
      await viewer.received(seenBefore + 5);
      viewer.close();
    });

    test(`a camera that keeps the connection but sends nothing, over ${transport}`, async () => {
      const id = `stalled-${transport}`;
      const mount = mounts.get(id)!;
      await server.untilState(id, 'live');
      mount.change({ stalled: true });
      const begin = performance.now();
      await server.untilCamera(id, ({ state }) => state.cause?.code === 'ERR_STREAM_STALLED', 5 * TIMEOUT_MS);
      const tookMs = performance.now() - begin;
      assert.ok(
        tookMs >= TIMEOUT_MS / 2 && tookMs < 2.5 * TIMEOUT_MS,
        `Expected a stall after 1 s but it took ${tookMs}`,
      );
      assert.equal((await server.snapshot(id, '?maxAge=500&wait=0')).status, 503);

      mount.change({ stalled: false });
      await server.untilState(id, 'live', 20_000);
      assert.equal((await server.snapshot(id)).status, 200);
    });
  }

  test('a camera that accepts connections and says nothing is given up in time', async () => {
    const { state } = await server.untilState('mute', 'backingOff');
    assert.equal(state.cause?.code, 'ERR_RTSP_TIMEOUT');
    mounts.get('mute')!.change({ answer: { kind: 'serve' } });
    await server.untilState('mute', 'live', 20_000);
  });

  test('a refused login is not tried again and again', async () => {
    const parked = await server.untilState('locked', 'parked');
    assert.equal(parked.state.cause?.code, 'ERR_RTSP_UNAUTHORIZED');
    const { sessions } = parked.counters as { sessions: number };
    assert.ok(sessions <= 2, `Expected at most 2 tries but it was ${sessions}`);
    const answer = await server.snapshot('locked');
    assertDown(answer, 'ERR_CAMERA_DOWN', /^ERR_RTSP_UNAUTHORIZED$/);
    assert.ok(Number(answer.headers.get('retry-after')) >= 60);
  });

  function assertDown(answer: Answer, code: string, cause: RegExp): void {
    assert.equal(answer.status, 503);
    const error = answer.json() as { code: string; cause: { code: string } };
    assert.equal(error.code, code);
    assert.match(error.cause.code, cause);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  }
});

function sequenceOf(answer: Answer): number {
  return Number(answer.headers.get('x-frame-sequence'));
}
