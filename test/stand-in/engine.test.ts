import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';

interface GpuReport {
  readonly engine: { readonly name: string; readonly reason: string };
  readonly gpus: readonly {
    readonly name: string;
    readonly decoders: number;
    readonly timesLost: number;
    readonly encodesOnCpu: number;
    readonly unavailable?: string;
    readonly memoryFreeBytes?: number;
    readonly memoryTotalBytes?: number;
    readonly memoryOfProcessBytes?: number;
    readonly temperatureCelsius?: number;
  }[];
}

function engineOf(camera: CameraReport) {
  return camera.engine as { readonly name: string; readonly reason: string; readonly gpu?: number };
}

/** Its tests share the card; each leaves it without faults. */
describe('the server on a card', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let folder: string;
  let mounts: { h264: string; h265: string; mjpeg: string };
  const faults = (text: string) => writeFile(join(folder, 'faults'), text);
  const gpu = async () => (await server.get('/gpu')).json() as GpuReport;
  const cameras = () => Object.entries(mounts).map(([id, url]) => ({ id, url, decode: 'always' as const }));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framewell-stand-in-'));
    cleanup.add(folder, (it) => rm(it, { recursive: true }));
    await faults('');
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const mount = async (codec: 'h264' | 'h265' | 'mjpeg') => {
      const { path, fps } = await numberedClip({ codec, gop: 10 });
      return simulator.addMount(`/${codec}`, await loadClip(path, codec === 'mjpeg' ? { fps } : {})).url;
    };
    mounts = { h264: await mount('h264'), h265: await mount('h265'), mjpeg: await mount('mjpeg') };
    server = await FramewellServer.start({
      cameras: cameras(),
      environment: { FRAMEWELL_STAND_IN_FAULT_FILE: join(folder, 'faults') },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of Object.keys(mounts)) await server.untilState(id, 'live');
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
    const { engine, gpus } = await gpu();
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
    for (const id of Object.keys(mounts)) {
      for (const query of ['', '?width=320', '?height=100&quality=60']) {
        const answer = await server.snapshot(id, query);
        assert.equal(answer.status, 200, `${id}${query}`);
        assert.equal(typeof readFrameNumber(await decodeJpeg(answer.body)), 'number');
      }
    }
  });

  test('encodes on the CPU while nvJPEG fails', async () => {
    await faults('EncodeYUV=6');
    const answer = await server.snapshot('h264', '?quality=33');
    await faults('');
    assert.equal(answer.status, 200);
    assert.equal((await gpu()).gpus[0]!.encodesOnCpu, 1);
  });

  test('a card that is lost for good hands its cameras to the CPU, and no picture is missing', async () => {
    await faults('DecodePicture=700');
    for (const id of ['h264', 'h265']) {
      const camera = await server.untilCamera(id, (it) => engineOf(it).name === 'cpu');
      assert.match(engineOf(camera).reason, /^GPU 0/);
      assert.equal(camera.state.name, 'live');
      assert.equal((await server.snapshot(id)).status, 200);
    }
    assert.ok((await gpu()).gpus[0]!.timesLost >= 1);
    const told = server.logs
      .split('\n')
      .filter((line) => line.includes('"Camera moved to the CPU"'))
      .map((line) => JSON.parse(line) as { cameraId: string; fromGpu: number; reason: string });
    assert.deepEqual(told.map(({ cameraId }) => cameraId).sort(), ['h264', 'h265']);
    for (const { fromGpu, reason } of told) {
      assert.equal(fromGpu, 0);
      assert.match(reason, /^GPU 0/);
    }
    await faults('');
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
      const folder = await mkdtemp(join(tmpdir(), 'framewell-stand-in-'));
      t.after(() => rm(folder, { recursive: true }));
      const report = join(folder, 'report');
      const simulator = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
      t.after(() => simulator.close());
      const { url } = simulator.addMount('/stream', await loadClip((await numberedClip()).path));
      const cameras = ['a', 'b', 'c', 'd'].map((id) => ({ id, url, decode: 'always' as const }));
      const environment = { FRAMEWELL_STAND_IN_FAULTS: faults, FRAMEWELL_STAND_IN_REPORT: report };
      const server = await FramewellServer.start({ cameras, environment });
      for (const { id } of cameras) {
        await server.untilState(id, 'live');
        assert.equal((await server.snapshot(id)).status, 200);
      }
      await server.stop();
      assert.equal(await readFile(report, 'utf8'), '');
    });
  }
});
