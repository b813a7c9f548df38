import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Mount } from '../../simulator/mount.js';
import type { MountOptions } from '../../simulator/simulator-server.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { until } from '../support/until.js';
import { h264Nals } from './depacketize.js';
import { RtspClient } from './rtsp-client.js';
import { PPS, SPS, syntheticClip } from './synthetic-clip.js';

const CLIP = syntheticClip({ accessUnits: 12, gop: 4, fps: 100 });
const PACKETS_PER_SLICE = 3;

describe('camera behaviour', () => {
  let server: SimulatorServer;
  let mounts = 0;
  const clients: RtspClient[] = [];

  before(async () => {
    server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
  });

  after(() => server.close());

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  function addMount(options: MountOptions = {}, clip = CLIP): Mount {
    return server.addMount(`/cam${++mounts}`, clip, options);
  }

  async function connect({ url }: { url: string }): Promise<RtspClient> {
    const client = await RtspClient.connect(url);
    clients.push(client);
    return client;
  }

  async function nextSlice(client: RtspClient): Promise<Buffer> {
    return h264Nals((await client.nextAccessUnit()).map(({ payload }) => payload)).at(-1)!;
  }

  test('answers with a status, to every request or to one method', async () => {
    const mount = addMount({ answer: { kind: 'status', status: 404 } });
    const client = await connect(mount);
    assert.equal((await client.request('OPTIONS')).status, 404);
    mount.change({ answer: { kind: 'status', status: 453, method: 'SETUP' } });
    assert.equal((await client.request('DESCRIBE')).status, 200);
    assert.equal((await client.setup()).status, 453);
    mount.change({ answer: { kind: 'serve' } });
    assert.equal((await client.setup()).status, 200);
  });

  test('close: ends the connection instead of answering', async () => {
    const client = await connect(addMount({ answer: { kind: 'close' } }));
    client.send('OPTIONS');
    await client.closed;
  });

  test('silence: takes requests and says nothing, and the connection stays', async () => {
    const mount = addMount({ answer: { kind: 'silence' } });
    const client = await connect(mount);
    client.send('OPTIONS');
    client.send('DESCRIBE');
    // A request to another camera on the same connection comes after them, so its answer shows that they got none.
    const response = await client.request('OPTIONS', {}, addMount().url);
    assert.equal(response.headers.get('cseq'), '3');
  });

  test('auth: asked of all but OPTIONS, and may be changed', async () => {
    const mount = addMount({ auth: { scheme: 'basic', user: 'admin', password: 'secret' } });
    const client = await connect(mount);
    assert.equal((await client.request('OPTIONS')).status, 200);
    const refused = await client.request('DESCRIBE');
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    const Authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
    assert.equal((await client.request('DESCRIBE', { Authorization })).status, 200);
    mount.change({ auth: { scheme: 'none' } });
    assert.equal((await client.request('DESCRIBE')).status, 200);
  });

  test('stalled: no media, but answers; then media from a keyframe on', async () => {
    const mount = addMount();
    const client = await connect(mount);
    await client.play();
    await client.nextAccessUnit();
    mount.change({ stalled: true });
    const sent = mount.counters.accessUnits;
    // Another camera of the same rate tells the time.
    const other = await connect(addMount());
    await other.play();
    for (let count = 0; count < 10; count++) await other.nextAccessUnit();
    assert.equal(mount.counters.accessUnits, sent);
    assert.equal((await client.request('GET_PARAMETER')).status, 200);
    for (let received = 1; received < sent; received++) await client.nextAccessUnit();
    mount.change({ stalled: false });
    assert.equal((await nextSlice(client)).readUInt8(0) & 0x1f, 5);
  });

  test('loss, next: leaves out that many packets and counts them', async () => {
    const mount = addMount({ loss: { kind: 'next', packets: 2 } });
    const client = await connect(mount);
    const play = await client.play();
    const announced = Number(/seq=(\d+)/.exec(play.headers.get('rtp-info')!)![1]);
    const first = await client.nextRtp();
    assert.equal((first.sequence - announced) & 0xffff, 2);
    assert.equal(mount.counters.lostPackets, 2);
    let previous = first;
    for (let count = 0; count < 20; count++) {
      const packet = await client.nextRtp();
      assert.equal((packet.sequence - previous.sequence) & 0xffff, 1);
      previous = packet;
    }
  });

  test('loss, random: the same seed leaves out the same packets', async () => {
    const received = async (): Promise<number[]> => {
      const client = await connect(addMount({ loss: { kind: 'random', probability: 0.3, seed: 5 } }));
      const play = await client.play();
      const announced = Number(/seq=(\d+)/.exec(play.headers.get('rtp-info')!)![1]);
      const positions: number[] = [];
      while (positions.length < 30) positions.push(((await client.nextRtp()).sequence - announced) & 0xffff);
      return positions;
    };
    const first = await received();
    assert.ok(first.at(-1)! > 29, 'some are missing');
    assert.deepEqual(await received(), first);
  });

  test('startAt mid-gop: begins with the access unit after a keyframe', async () => {
    const client = await connect(addMount({ startAt: 'mid-gop' }));
    const play = await client.play();
    const unit = await client.nextAccessUnit();
    assert.equal(unit.length, PACKETS_PER_SLICE);
    assert.equal(unit[0]!.timestamp, Number(/rtptime=(\d+)/.exec(play.headers.get('rtp-info')!)![1]));
    assert.equal(h264Nals(unit.map(({ payload }) => payload))[0]!.readUInt8(1), 1);
  });

  for (const { parameterSets, inSdp, inBand } of [
    { parameterSets: 'both', inSdp: true, inBand: true },
    { parameterSets: 'sdp', inSdp: true, inBand: false },
    { parameterSets: 'in-band', inSdp: false, inBand: true },
  ] as const) {
    test(`parameter sets: ${parameterSets}`, async () => {
      const client = await connect(addMount({ parameterSets }));
      const { body } = await client.request('DESCRIBE');
      assert.equal(body.includes('sprop-parameter-sets'), inSdp);
      await client.play();
      const nals = h264Nals((await client.nextAccessUnit()).map(({ payload }) => payload));
      assert.deepEqual(nals.slice(0, -1), inBand ? [SPS, PPS] : []);
    });
  }

  test('killSessions: closes the connections that play', async () => {
    const mount = addMount();
    const [playing, idle] = [await connect(mount), await connect(mount)];
    await playing.play();
    const left = once(mount, 'leave');
    mount.killSessions();
    await Promise.all([playing.closed, left]);
    assert.equal(mount.playing, 0);
    assert.equal((await idle.request('OPTIONS')).status, 200);
  });

  test('a client that does not read misses whole access units, up to a keyframe', async () => {
    // 40 MB/s fill the socket buffers of both sides at once.
    const clip = syntheticClip({ accessUnits: 12, gop: 4, bytes: 400_000, fps: 100 });
    const mount = addMount({}, clip);
    const client = await connect(mount);
    await client.play();
    let previous = await client.nextAccessUnit();
    client.socket.pause();
    await until(async () => mount.counters.skippedAccessUnits > 20 || undefined, {
      timeoutMs: 20_000,
      describe: () => `Expected more than 20 skipped access units but counted ${mount.counters.skippedAccessUnits}`,
    });
    client.socket.resume();
    let jumps = 0;
    while (jumps === 0) {
      const unit = await client.nextAccessUnit();
      assert.equal((unit[0]!.sequence - previous.at(-1)!.sequence) & 0xffff, 1, 'skipping leaves no gap');
      if ((unit[0]!.timestamp - previous[0]!.timestamp) >>> 0 > 900) {
        jumps++;
        const nals = h264Nals(unit.map(({ payload }) => payload));
        assert.deepEqual(nals.slice(0, 2), [SPS, PPS], 'goes on with a keyframe');
      }
      previous = unit;
    }
  });
});
