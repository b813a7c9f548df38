import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

const LOGIN = { user: 'keeper', password: 'se:cr@t#1' };

describe('the HTTP API on real cameras', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip()).path);
    const locked = simulator.addMount('/locked', clip, { auth: { scheme: 'digest', ...LOGIN } });
    const silent = simulator.addMount('/silent', clip, { answer: { kind: 'silence' } });
    const broken = simulator.addMount('/broken', clip, { answer: { kind: 'status', status: 500 } });
    server = await FramewellServer.start({
      cameras: [
        { id: 'up', url: locked.url, ...LOGIN },
        { id: 'silent', url: silent.url, ...LOGIN },
        { id: 'refused', url: `rtsp://127.0.0.1:${await unusedPort()}/stream`, ...LOGIN },
        { id: 'broken', url: broken.url, ...LOGIN },
        { id: 'unknown-host', url: 'rtsp://camera.invalid/stream', ...LOGIN },
      ],
    });
    cleanup.add(server, (it) => it.stop());
    await server.untilState('up', 'live');
  });

  after(() => cleanup.run());

  test('GET /cameras lists every camera in the order of their numbers, without credentials', async () => {
    const answer = await server.get('/cameras');
    assert.equal(answer.status, 200);
    const { cameras } = answer.json() as { cameras: CameraReport[] };
    assert.deepEqual(
      cameras.map(({ id }) => id),
      ['up', 'silent', 'refused', 'broken', 'unknown-host'],
    );
    const up = cameras[0]!;
    assert.equal(up.state.name, 'live');
    assert.deepEqual([up.codec, up.width, up.height], ['h264', 640, 360]);
    assert.match(up.url as string, /^rtsp:\/\/\*\*\*@127\.0\.0\.1:\d+\/locked$/);
    assert.equal((up.engine as { name: string }).name, process.env.ENGINE ?? 'cpu');
  });

  test('the rate is measured', async () => {
    await server.untilCamera('up', ({ fps }) => Math.abs((fps as number) - 25) < 1);
  });

  test('a camera that is connecting answers 503 with Retry-After', async () => {
    assert.equal((await server.camera('silent')).state.name, 'connecting');
    const answer = await server.snapshot('silent');
    assert.equal(answer.status, 503);
    assert.equal((answer.json() as { code: string }).code, 'ERR_CAMERA_CONNECTING');
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  });

  for (const { id, code } of [
    { id: 'refused', code: 'ERR_RTSP_REFUSED' },
    { id: 'broken', code: 'ERR_RTSP_STATUS' },
    { id: 'unknown-host', code: 'ERR_RTSP_DNS' },
  ]) {
    test(`a camera that is down answers 503 with ${code} and Retry-After`, async () => {
      const { state } = await server.untilCamera(id, (camera) => camera.state.cause !== undefined);
      assert.equal(state.cause?.code, code);
      // Between two tries the camera is connecting for a moment.
      await server.untilState(id, 'backingOff');
      const answer = await server.snapshot(id);
      assert.equal(answer.status, 503);
      const error = answer.json() as { code: string; cause?: { code: string } };
      assert.equal(error.code, 'ERR_CAMERA_DOWN');
      assert.equal(error.cause?.code, code);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    });
  }

  test('an unknown camera answers 404 on every route', async () => {
    for (const path of ['', '/snapshot.jpg', '/stream.mjpeg', '/stream']) {
      const answer = await server.get(`/cameras/nobody${path}`);
      // A plain request to the WebSocket's path may as well be told to upgrade; see the viewers' tests.
      if (path === '/stream') assert.ok([404, 426].includes(answer.status));
      else assert.deepEqual([answer.status, (answer.json() as { code: string }).code], [404, 'ERR_CAMERA_NOT_FOUND']);
    }
  });

  for (const { query, message } of [
    { query: '?quality=0', message: /^Expected integer 1-100 for quality but received "?0"?$/ },
    { query: '?quality=101', message: /^Expected integer 1-100 for quality but received "?101"?$/ },
    { query: '?quality=high', message: /^Expected integer 1-100 for quality but received "?high"?$/ },
    { query: '?quality=50.5', message: /^Expected integer 1-100 for quality but received "?50\.5"?$/ },
    { query: '?width=-1', message: /for width but received "?-1"?$/ },
    { query: '?height=1e9', message: /for height but received/ },
    { query: '?width=NaN', message: /for width but received "?NaN"?$/ },
  ]) {
    test(`${query} answers 400 naming what was expected and what came`, async () => {
      const answer = await server.snapshot('up', query);
      assert.equal(answer.status, 400);
      const error = answer.json() as { code: string; message: string };
      assert.equal(error.code, 'ERR_BAD_PARAMETER');
      assert.match(error.message, message);
    });
  }

  for (const { query, size } of [
    { query: '', size: [640, 360] },
    { query: '?width=320', size: [320, 180] },
    { query: '?height=180', size: [320, 180] },
    { query: '?width=320&height=320', size: [320, 180] },
    { query: '?width=600&height=90', size: [160, 90] },
    { query: '?width=321', size: [321, 181] },
    { query: '?width=321&height=241', size: [321, 181] },
    { query: '?width=4000', size: [640, 360] },
    { query: '?width=64', size: [64, 36] },
  ]) {
    test(`snapshot.jpg${query} is ${size.join('x')}, and still the whole picture`, async () => {
      const answer = await server.snapshot('up', query);
      assert.equal(answer.status, 200, answer.body.toString());
      const picture = await decodeJpeg(answer.body);
      assert.deepEqual([picture.width, picture.height], size);
      assert.notEqual(readFrameNumber(picture), undefined);
    });
  }

  test('a lower quality gives fewer bytes', async () => {
    const sizes = [];
    for (const quality of [10, 50, 95]) sizes.push((await server.snapshot('up', `?quality=${quality}`)).body.length);
    assert.deepEqual(
      sizes,
      sizes.toSorted((one, other) => one - other),
    );
    assert.ok(sizes[0]! * 2 < sizes[2]!);
  });

  test('ffprobe takes the JPEG for one of full-range 4:2:0', async () => {
    const { body } = await server.snapshot('up');
    const entries = 'stream=codec_name,width,height,pix_fmt,color_range';
    const probe = ['-v', 'error', '-f', 'jpeg_pipe', '-show_entries', entries, '-of', 'json', '-'];
    const { streams } = JSON.parse(execFileSync('ffprobe', probe, { input: body, encoding: 'utf8' })) as {
      streams: unknown[];
    };
    assert.deepEqual(streams, [
      { codec_name: 'mjpeg', width: 640, height: 360, pix_fmt: 'yuvj420p', color_range: 'pc' },
    ]);
  });

  test('fifty requests at once are all answered, with few pictures encoded', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.snapshot('up')));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const sequences = new Set(answers.map(({ headers }) => headers.get('x-frame-sequence')));
    assert.ok(sequences.size <= 10, `Expected requests to share pictures but received ${sequences.size} of them`);
    for (const sequence of sequences) {
      const same = answers.filter(({ headers }) => headers.get('x-frame-sequence') === sequence);
      for (const { body } of same) assert.ok(body.equals(same[0]!.body));
    }
  });
});
