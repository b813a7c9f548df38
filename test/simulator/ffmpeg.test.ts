import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { assetPath } from '../../simulator/asset-path.js';
import { createClip, type Clip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { requires } from '../support/requires.js';
import { clips } from './clips.js';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** Hashes of the first decoded frames, in display order. */
async function frameHashes(input: readonly string[], frames: number): Promise<string[]> {
  const output = ['-fps_mode', 'passthrough', '-frames:v', String(frames), '-f', 'framemd5', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output], { timeout: TIMEOUT_MS });
  const lines = stdout.split('\n').filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)!.trim());
}

interface ProbedStream {
  readonly codec_name: string;
  readonly width: number;
  readonly height: number;
  readonly r_frame_rate: string;
  readonly nb_read_packets: string;
}

async function probe(url: string, transport: string): Promise<ProbedStream> {
  const read = ['-count_packets', '-read_intervals', '%+#30', '-show_streams', '-of', 'json'];
  const args = ['-v', 'error', '-rtsp_transport', transport, ...read, url];
  const { stdout } = await run('ffprobe', args, { timeout: TIMEOUT_MS });
  return JSON.parse(stdout).streams[0];
}

// Clips play in real time, so the tests mostly wait.
describe('ffmpeg as the client', { skip: requires('ffmpeg'), concurrency: 6 }, () => {
  let server: SimulatorServer;

  before(async () => {
    server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
  });

  after(() => server.close());

  for (const [name, codec] of [
    ['h264', 'h264'],
    ['h265', 'hevc'],
    ['mjpeg', 'mjpeg'],
    ['h264WithBFrames', 'h264'],
    ['h265WithBFrames', 'hevc'],
  ] as const) {
    for (const transport of ['tcp', 'udp']) {
      test(`${name} over ${transport}: is what the file holds`, async () => {
        const path = await clips[name]();
        const { url } = server.addMount(
          `/${name}-${transport}`,
          await loadClip(path, name === 'mjpeg' ? { fps: 25 } : {}),
        );
        const { nb_read_packets: packets, ...stream } = await probe(url, transport);
        assert.equal(stream.codec_name, codec);
        assert.deepEqual([stream.width, stream.height], [320, 240]);
        assert.equal(stream.r_frame_rate, '25/1');
        assert.ok(Number(packets) >= 30);
        // The clip's two seconds and the begin of the next loop.
        const received = await frameHashes(['-rtsp_transport', transport, '-i', url], 60);
        const held = await frameHashes(['-i', path], 50);
        assert.deepEqual(received, [...held, ...held.slice(0, 10)]);
      });
    }
  }

  test('motion JPEG 4:2:2 with restart markers: is what the file holds', async () => {
    const path = assetPath('test', 'simulator', 'fixtures', '422-restart.jpg');
    const jpeg = await readFile(path);
    const clip: Clip = createClip('mjpeg', [{ units: [jpeg], decodeTicks: 0, presentationTicks: 0 }], 3600);
    const { url } = server.addMount('/422', clip);
    const [held] = await frameHashes(['-i', path], 1);
    const received = await frameHashes(['-rtsp_transport', 'tcp', '-i', url], 5);
    assert.deepEqual(received, Array(5).fill(held));
  });

  for (const scheme of ['basic', 'digest'] as const) {
    test(`${scheme} authentication: the right password plays, a wrong one does not`, async () => {
      const clip = await loadClip(await clips.h264());
      const { url } = server.addMount(`/${scheme}`, clip, { auth: { scheme, user: 'admin', password: 'p@ss:1' } });
      const withPassword = (password: string): string =>
        url.replace('rtsp://', `rtsp://admin:${encodeURIComponent(password)}@`);
      assert.equal((await probe(withPassword('p@ss:1'), 'tcp')).codec_name, 'h264');
      await assert.rejects(probe(withPassword('wrong'), 'tcp'), /401 Unauthorized/);
      await assert.rejects(probe(url, 'tcp'), /401 Unauthorized/);
    });
  }

  for (const parameterSets of ['sdp', 'in-band'] as const) {
    for (const name of ['h264', 'h265'] as const) {
      test(`${name} with parameter sets ${parameterSets} alone`, async () => {
        const clip = await loadClip(await clips[name]());
        const { url } = server.addMount(`/${name}-${parameterSets}`, clip, { parameterSets });
        const received = await frameHashes(['-rtsp_transport', 'tcp', '-i', url], 10);
        assert.deepEqual(received, await frameHashes(['-i', await clips[name]()], 10));
      });
    }
  }
});
