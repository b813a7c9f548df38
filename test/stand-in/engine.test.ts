import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { CardServer, engineOf, type GpuReport } from './card-server.js';

/** Its tests share the card; each leaves it without faults. */
describe('the server on a card', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const codecs = ['h264', 'h265', 'mjpeg'] as const;
  let card: CardServer;
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const cameras = codecs.map(async (codec) => {
      const { path, fps } = await numberedClip({ codec, gop: 10 });
      const { url } = simulator.addMount(`/${codec}`, await loadClip(path, codec === 'mjpeg' ? { fps } : {}));
      return { id: codec, url, decode: 'always' as const };
    });
    card = await CardServer.start(cleanup, { cameras: await Promise.all(cameras) });
    server = card.server;
    for (const id of codecs) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  test('says which engine serves each camera, and why', async () => {
    for (const id of ['h264', 'h265']) {
      const camera = await server.untilCamera(id, (it) => engineOf(it).reason.startsWith('NVDEC'));
      assert.deepEqual([engineOf(camera).name, engineOf(camera).gpu], ['cuda', 0]);
    }
    const mjpeg = await server.untilCamera('mjpeg', (it) => engineOf(it).name === 'cpu');
    assert.match(engineOf(mjpeg).reason, /^MJPEG goes out as the camera sends it/);
  });

  test('GET /gpu has the card, and says that it is a test double', async () => {
    const { engine, gpus } = (await server.get('/gpu')).json() as GpuReport;
    assert.equal(engine.name, 'cuda');
    assert.match(engine.reason, /^Stand-in driver \(test double\), libnvjpeg\.so\.12, GPU 0$/);
    assert.equal(gpus.length, 1);
    assert.match(gpus[0]!.name, /test double/);
    assert.equal(gpus[0]!.decoders, 2);
    assert.equal(gpus[0]!.memoryTotalBytes, 1024 ** 3);
    assert.equal(gpus[0]!.memoryOfProcessBytes, 1024 ** 3 - gpus[0]!.memoryFreeBytes!);
    assert.equal(gpus[0]!.temperatureCelsius, 45);
  });

  test('gives pictures at any size', async () => {
    for (const id of codecs) {
      for (const query of ['', '?width=320', '?height=100&quality=60']) {
        const answer = await server.snapshot(id, query);
        assert.equal(answer.status, 200, `${id}${query}`);
        assert.equal(typeof readFrameNumber(await decodeJpeg(answer.body)), 'number');
      }
    }
  });

  test("makes an MJPEG camera's other sizes on the card, and says so", async () => {
    assert.equal((await server.snapshot('mjpeg', '?width=200')).status, 200);
    const { name, gpu, reason } = engineOf(await server.camera('mjpeg'));
    assert.deepEqual([name, gpu], ['cuda', 0]);
    assert.equal(reason, 'MJPEG goes out as the camera sends it; other sizes by NVDEC of GPU 0');
  });

  test('encodes on the CPU while nvJPEG fails', async () => {
    await card.setFaults('EncodeYUV=6');
    const answer = await server.snapshot('h264', '?quality=33');
    await card.setFaults('');
    assert.equal(answer.status, 200);
    assert.equal((await card.gpus())[0]!.encodesOnCpu, 1);
  });

  test("makes an MJPEG camera's picture on the CPU when the card is lost with it", async () => {
    const [before] = await card.gpus();
    await card.setFaults('LaunchKernel=719@1');
    const answer = await server.snapshot('mjpeg', '?width=180&wait=0');
    await card.setFaults('');
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal((await card.gpus())[0]!.timesLost, before!.timesLost + 1);
  });

  test('a card that is lost for good hands its cameras to the CPU, and no picture is missing', async () => {
    await card.setFaults('DecodePicture=700');
    for (const id of ['h264', 'h265']) {
      const camera = await server.untilCamera(id, (it) => engineOf(it).name === 'cpu');
      assert.match(engineOf(camera).reason, /^GPU 0/);
      assert.equal(camera.state.name, 'live');
      assert.equal((await server.snapshot(id)).status, 200);
    }
    assert.ok((await card.gpus())[0]!.timesLost >= 1);
    const told = server.logs
      .split('\n')
      .filter((line) => line.includes('"Camera moved to the CPU"'))
      .map((line) => JSON.parse(line) as { cameraId: string; fromGpu: number; reason: string });
    assert.deepEqual(told.map(({ cameraId }) => cameraId).sort(), ['h264', 'h265']);
    for (const { fromGpu, reason } of told) {
      assert.equal(fromGpu, 0);
      assert.match(reason, /^GPU 0/);
    }
    await card.setFaults('');
  });
});

describe('a server that cannot have the card it wants', () => {
  const refused = (environment: Record<string, string>) =>
    FramewellServer.start({ cameras: [], environment: { ENGINE: 'cuda', ...environment } });

  test('does not start, and names what is missing', async () => {
    await assert.rejects(
      refused({ FRAMEWELL_STAND_IN_DRIVER: '/nowhere' }),
      /ENGINE=cuda: \/nowhere\/libcuda\.so\.1: cannot open shared object file/,
    );
    await assert.rejects(refused({ FRAMEWELL_STAND_IN_FAULTS: 'Init=100' }), /ENGINE=cuda: cuInit failed: .*100/);
    await assert.rejects(refused({ GPU_ID: '7' }), /ENGINE=cuda: Expected a GPU below 1 but received 7/);
  });

  test('with ENGINE=auto serves from the CPU, and says why', async (t) => {
    const server = await FramewellServer.start({
      cameras: [],
      environment: { ENGINE: 'auto', FRAMEWELL_STAND_IN_FAULTS: 'Init=100' },
    });
    t.after(() => server.stop());
    const { engine, gpus } = (await server.get('/gpu')).json() as GpuReport;
    assert.equal(engine.name, 'cpu');
    assert.match(engine.reason, /^cuInit failed/);
    assert.deepEqual(gpus, []);
  });
});

describe('leaving', { skip: requires('ffmpeg') }, () => {
  for (const { state, faults } of [
    { state: 'decoding', faults: '' },
    { state: 'on a slow card', faults: 'MapVideoFrame=late:100' },
    { state: 'with a lost card', faults: 'DecodePicture=700@20+' },
    { state: 'before the card comes up', faults: 'DevicePrimaryCtxRetain=999' },
  ]) {
    test(`${state}: the process ends by itself, and broke no rule of the driver`, async (t) => {
      const cleanup = new Cleanup();
      t.after(() => cleanup.run());
      const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
      const { url } = simulator.addMount('/stream', await loadClip((await numberedClip()).path));
      const cameras = ['a', 'b', 'c', 'd'].map((id) => ({ id, url, decode: 'always' as const }));
      // Fails at the end unless the server leaves in time and its driver has nothing to report.
      const { server } = await CardServer.start(cleanup, { cameras, faults });
      for (const { id } of cameras) {
        await server.untilState(id, 'live');
        const answer = await server.snapshot(id, '?wait=10000');
        assert.equal(answer.status, 200, answer.body.toString());
      }
    });
  }
});
