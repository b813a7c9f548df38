import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { ALLOWANCE } from '../support/allowance.js';
import { frameNumberOf, sentAtMs } from '../support/burnt-in-clock.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type Answer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';

const FRAMES = 250;
const MANY_CAMERAS = 50;
/** What the simulator and the machine may add to the age that a picture says it has. */
const SOURCE_DELAY_MS = 60 * ALLOWANCE;
/** Rounding, and what the simulator may take to note that it has sent a picture. */
const NOTED_LATE_MS = 1 + 10 * (ALLOWANCE - 1);

describe('snapshots keep their contract', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const mounts = new Map<string, Mount>();
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ frames: FRAMES })).path);
    for (const id of ['live', 'still', 'killed']) mounts.set(id, simulator.addMount(`/${id}`, clip));
    server = await FramewellServer.start({
      cameras: [...mounts].map(([id, { url }]) => ({ id, url })),
      // The camera that stands still is not given up.
      environment: { STALL_TIMEOUT_MS: '600000' },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of mounts.keys()) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  async function snapshot(id: string, query = ''): Promise<Answer> {
    const answer = await server.snapshot(id, query);
    assert.equal(answer.status, 200, answer.body.toString());
    return answer;
  }

  async function encodesOf(id: string): Promise<{ encodes: number; shared: number }> {
    return (await server.camera(id)).pictures as { encodes: number; shared: number };
  }

  test('X-Frame-Age-Ms is the age by the clock in the picture', async () => {
    const errorsMs: number[] = [];
    for (let sample = 0; sample < 25; sample++) {
      const answer = await snapshot('live', '?wait=0');
      const answeredAtMs = performance.timeOrigin + performance.now();
      const ageMs = answeredAtMs - sentAtMs(mounts.get('live')!, await frameNumberOf(answer.body));
      const errorMs = ageMs - numberIn(answer, 'x-frame-age-ms');
      // A picture is never younger than it is.
      assert.ok(
        errorMs >= -NOTED_LATE_MS,
        `Expected an age of at most ${ageMs} ms but the header is ${-errorMs} ms above it`,
      );
      errorsMs.push(errorMs);
    }
    // The median, since a machine that is busy with other tests holds up some answers on their way.
    const medianMs = errorsMs.toSorted((one, other) => one - other)[12]!;
    assert.ok(medianMs <= SOURCE_DELAY_MS, `Expected ${SOURCE_DELAY_MS} ms at most but it is ${medianMs.toFixed()} ms`);
  });

  test('after=<sequence> gives one newer picture after the other, each the one that its sequence promises', async () => {
    const first = await snapshot('live');
    let { number, sequence } = await numbersOf(first);
    for (let poll = 0; poll < 10; poll++) {
      const next = await numbersOf(await snapshot('live', `?after=${sequence}&wait=10000`));
      assert.ok(next.sequence > sequence, `Expected a picture after ${sequence} but received ${next.sequence}`);
      assert.equal((next.number - number + FRAMES) % FRAMES, next.sequence - sequence);
      ({ number, sequence } = next);
    }
  });

  test('a sequence of before a restart is answered at once', async () => {
    const { sequence } = await numbersOf(await snapshot('live'));
    await snapshot('live', `?after=${sequence + 1_000_000}&wait=0`);
  });

  test('at=<unix ms> gives the picture of that moment', async () => {
    for (let round = 0; round < 5; round++) {
      const now = await snapshot('live');
      const { number, sequence } = await numbersOf(now);
      const atMs = Date.parse(now.headers.get('x-frame-received-at')!);
      await snapshot('live', `?after=${sequence + 4}&wait=10000`);
      const answer = await server.snapshot('live', `?at=${atMs}`);
      // A keyframe has come in between: what was before it is not kept.
      if (answer.status === 404) continue;
      assert.equal(answer.status, 200, answer.body.toString());
      assert.deepEqual(await numbersOf(answer), { number, sequence });
      assert.ok(Math.abs(numberIn(answer, 'x-frame-at-error-ms')) <= 1);
      assert.ok(numberIn(answer, 'x-frame-age-ms') > numberIn(now, 'x-frame-age-ms'));
      return;
    }
    assert.fail('Expected a moment that is kept in one of five rounds');
  });

  test('a camera that stands still is old soon, and says how old', async () => {
    const mount = mounts.get('still')!;
    const { sequence } = await numbersOf(await snapshot('still'));
    mount.change({ stalled: true });
    await server.untilCamera('still', ({ ages }) => (ages as { accessUnitMs: number }).accessUnitMs > 300);
    const stale = await server.snapshot('still', '?maxAge=300&wait=100');
    assert.equal(stale.status, 503);
    const { code, frame } = stale.json() as { code: string; frame: { sequence: number; ageMs: number } };
    assert.equal(code, 'ERR_FRAME_STALE');
    assert.ok(frame.sequence >= sequence && frame.ageMs > 400, JSON.stringify(frame));
    assert.equal(numberIn(stale, 'x-frame-age-ms'), frame.ageMs);
    assert.ok(numberIn(stale, 'retry-after') >= 1);
    const last = await snapshot('still', '?maxAge=300&wait=0&onStale=last');
    assert.deepEqual([last.headers.get('x-frame-stale'), numberIn(last, 'x-frame-sequence')], ['true', frame.sequence]);
    const { number } = await numbersOf(last);
    const ageMs = performance.timeOrigin + performance.now() - sentAtMs(mount, number);
    assert.ok(numberIn(last, 'x-frame-age-ms') <= ageMs + 1);
  });

  test('500 requests at once cost one encode, and all get the same bytes', async () => {
    const before = await encodesOf('still');
    const query = '?maxAge=600000&quality=83';
    const answers = await Promise.all(Array.from({ length: 500 }, () => snapshot('still', query)));
    const { body, headers } = answers[0]!;
    for (const answer of answers) {
      assert.ok(answer.body.equals(body));
      assert.equal(answer.headers.get('etag'), headers.get('etag'));
    }
    const { encodes, shared } = await encodesOf('still');
    assert.deepEqual([encodes - before.encodes, shared - before.shared], [1, 499]);
  });

  test('a picture that is known is answered 304 and not made again', async () => {
    const known = await snapshot('still', '?maxAge=600000&quality=84');
    const before = await encodesOf('still');
    const etag = known.headers.get('etag')!;
    const again = await server.get('/cameras/still/snapshot.jpg?maxAge=600000&quality=84', { 'If-None-Match': etag });
    assert.deepEqual([again.status, again.body.length, again.headers.get('etag')], [304, 0, etag]);
    assert.deepEqual(await encodesOf('still'), before);
  });

  for (const { format, name } of [
    { format: 'webp', name: 'webp' },
    { format: 'avif', name: 'heif' },
  ]) {
    test(`${format} is the same frame`, async () => {
      const jpeg = await snapshot('still', '?maxAge=600000&width=320');
      const other = await snapshot('still', `?maxAge=600000&width=320&format=${format}`);
      assert.equal(other.headers.get('content-type'), `image/${format}`);
      const metadata = await sharp(other.body).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], [name, 320, 180]);
      assert.deepEqual(await numbersOf(other), await numbersOf(jpeg));
      assert.notEqual(other.headers.get('etag'), jpeg.headers.get('etag'));
    });
  }

  test('fit=cover fills the box, crop is a part of the source', async () => {
    for (const [query, size] of [
      ['width=200&height=200&fit=cover', [200, 200]],
      ['crop=320,0,160,90', [160, 90]],
      ['crop=320,0,160,90&width=80', [80, 45]],
    ] as const) {
      const { width, height } = await sharp((await snapshot('still', `?maxAge=600000&${query}`)).body).metadata();
      assert.deepEqual([width, height], size, query);
    }
    const outside = await server.snapshot('still', '?maxAge=600000&crop=500,0,160,90');
    assert.equal(outside.status, 400);
    assert.match((outside.json() as { message: string }).message, /inside the picture of 640x360 pixels for crop/);
  });

  test('a camera that is lost: its last picture while it is new enough, then an error or the picture marked', async () => {
    const mount = mounts.get('killed')!;
    mount.change({ answer: { kind: 'close' } });
    mount.killSessions();
    await server.untilCamera('killed', ({ state }) => state.cause !== undefined);
    const last = await snapshot('killed', '?maxAge=60000&wait=0');
    const { number } = await numbersOf(last);
    assert.equal(number, newestSent(mount));
    await server.untilState('killed', 'backingOff');
    const stale = await server.snapshot('killed', '?maxAge=0&wait=0');
    assert.equal(stale.status, 503);
    const { code, cause } = stale.json() as { code: string; cause: { code: string } };
    assert.equal(code, 'ERR_FRAME_STALE');
    assert.match(cause.code, /^ERR_(STREAM_ENDED|RTSP_)/);
    const marked = await snapshot('killed', '?maxAge=0&wait=0&onStale=last');
    assert.equal(marked.headers.get('x-frame-stale'), 'true');
    assert.equal(marked.headers.get('etag'), last.headers.get('etag'));

    mount.change({ answer: { kind: 'serve' } });
    const back = await snapshot('killed', `?after=${numberIn(last, 'x-frame-sequence')}&wait=60000`);
    assert.ok(numberIn(back, 'x-frame-sequence') > numberIn(last, 'x-frame-sequence'));
  });
});

describe('many clients of many cameras', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const ids = Array.from({ length: MANY_CAMERAS }, (_, index) => `camera-${index + 1}`);
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ width: 320, height: 180, gop: 10 })).path);
    server = await FramewellServer.start({
      cameras: ids.map((id) => ({ id, url: simulator.addMount(`/${id}`, clip).url })),
      environment: { ENCODE_QUEUE_MAX: String(MANY_CAMERAS * ALLOWANCE) },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of ids) await server.untilState(id, 'live', 30_000);
  });

  after(() => cleanup.run());

  test('each gets a picture of its camera, and none is starved', async () => {
    const answers = await Promise.all(
      ids.flatMap((id) => Array.from({ length: 10 }, async () => ({ id, answer: await server.snapshot(id) }))),
    );
    const refused = answers.filter(({ answer }) => answer.status !== 200).map(({ answer }) => answer.body.toString());
    assert.deepEqual(refused, []);
    const byTag = new Map(answers.map((each) => [each.answer.headers.get('etag'), each]));
    for (const { id, answer } of answers) {
      const same = byTag.get(answer.headers.get('etag'))!;
      assert.ok(id === same.id && answer.body.equals(same.answer.body));
    }
  });
});

/** The frame that the camera sent last. */
function newestSent(mount: Mount): number {
  const sent = mount.clip.accessUnits.map((_, number) => mount.sentAtMs(number));
  return sent.indexOf(Math.max(...sent));
}

async function numbersOf(answer: Answer): Promise<{ number: number; sequence: number }> {
  return { number: await frameNumberOf(answer.body), sequence: numberIn(answer, 'x-frame-sequence') };
}

function numberIn(answer: Answer, header: string): number {
  const value = answer.headers.get(header);
  assert.match(value ?? '', /^-?\d+$/, header);
  return Number(value);
}
