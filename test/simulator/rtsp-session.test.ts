import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { h264Nals } from './depacketize.js';
import { RtspClient, rtpInfoOf } from './rtsp-client.js';
import { CLIP, SimulatorSuite } from './simulator-suite.js';
import { PPS, SPS, syntheticClip } from './synthetic-clip.js';

const FRAME_TICKS = 900;

describe('RTSP session', () => {
  let suite: SimulatorSuite;

  before(async () => {
    suite = await SimulatorSuite.start();
  });

  after(() => suite.end());

  afterEach(() => suite.closeClients());

  test('walks from OPTIONS to TEARDOWN', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    const options = await client.request('OPTIONS');
    assert.equal(options.headers.get('cseq'), '1');
    assert.match(options.headers.get('public') ?? '', /DESCRIBE, SETUP, PLAY/);
    const description = await client.request('DESCRIBE', {}, `${mount.url}/`);
    assert.equal(description.headers.get('content-type'), 'application/sdp');
    assert.equal(description.headers.get('content-base'), `${mount.url}/`);
    assert.match(description.body, /^m=video 0 RTP\/AVP 96\r$/m);
    const setup = await client.setup();
    assert.match(setup.headers.get('transport') ?? '', /^RTP\/AVP\/TCP;unicast;interleaved=0-1;ssrc=[0-9A-F]{8}$/);
    assert.match(setup.headers.get('session') ?? '', /^[0-9a-f]{16};timeout=60$/);
    assert.equal((await client.request('PLAY')).status, 200);
    assert.equal(mount.playing, 1);
    for (const method of ['GET_PARAMETER', 'SET_PARAMETER', 'PAUSE']) {
      assert.equal((await client.request(method)).status, 200, method);
    }
    assert.equal(mount.playing, 0);
    assert.equal((await client.request('TEARDOWN')).status, 200);
    assert.equal((await client.request('PLAY')).status, 454);
  });

  test('media begins with the packet that RTP-Info names', async () => {
    const client = await suite.connect(suite.addMount());
    const setup = await client.setup('RTP/AVP/TCP;unicast;interleaved=4-5');
    const play = await client.request('PLAY');
    const first = await client.nextRtp();
    const { sequence, timestamp } = first;
    assert.deepEqual(rtpInfoOf(play), { url: `${client.url}/trackID=0`, sequence, timestamp });
    assert.equal(first.channel, 4);
    assert.match(setup.headers.get('transport')!, new RegExp(`ssrc=${first.ssrc.toString(16).padStart(8, '0')}`, 'i'));
  });

  test('loops without a break in sequence and timestamp', async () => {
    const client = await suite.connect(suite.addMount());
    await client.play();
    let previous = await client.nextAccessUnit();
    for (let count = 1; count < 30; count++) {
      const unit = await client.nextAccessUnit();
      const nals = h264Nals(unit.map(({ payload }) => payload));
      assert.equal(nals.at(-1)!.readUInt8(1), count % 12, 'index in the clip');
      assert.equal(nals.length, count % 4 === 0 ? 3 : 1, 'keyframes carry SPS and PPS');
      assert.equal((unit[0]!.timestamp - previous[0]!.timestamp) >>> 0, FRAME_TICKS);
      assert.ok(unit.every(({ timestamp }) => timestamp === unit[0]!.timestamp));
      assert.equal((unit[0]!.sequence - previous.at(-1)!.sequence) & 0xffff, 1);
      previous = unit;
    }
  });

  test('sends in real time', async () => {
    const client = await suite.connect(suite.addMount());
    await client.play();
    await client.nextAccessUnit();
    const beginMs = performance.now();
    for (let count = 0; count < 50; count++) await client.nextAccessUnit();
    const elapsedMs = performance.now() - beginMs;
    assert.ok(elapsedMs > 450 && elapsedMs < 1500, `50 access units of 10 ms took ${elapsedMs} ms`);
  });

  test('sends a sender report that maps the timestamps to the time of day', async () => {
    const client = await suite.connect(suite.addMount());
    await client.play();
    const report = await client.nextRtcp();
    const { ssrc, timestamp } = await client.nextRtp();
    assert.equal(report.readUInt8(1), 200);
    assert.equal(report.readUInt32BE(4), ssrc);
    const unixMs = (report.readUInt32BE(8) - 2_208_988_800 + report.readUInt32BE(12) / 2 ** 32) * 1000;
    assert.ok(Math.abs(unixMs - Date.now()) < 1000);
    const aheadTicks = (report.readUInt32BE(16) - timestamp) | 0;
    assert.ok(Math.abs(aheadTicks) < 45_000, `${aheadTicks} ticks from the first picture`);
  });

  test('a second client joins the moment that the first one sees, at a keyframe', async () => {
    // Long enough for the second one to come before the loop is over.
    const mount = suite.addMount({}, syntheticClip({ accessUnits: 252, gop: 4, fps: 50 }));
    const first = await suite.connect(mount);
    await first.play();
    for (let count = 0; count < 5; count++) await first.nextAccessUnit();
    const second = await suite.connect(mount);
    await second.play();
    const [sps, pps, slice] = await second.nextNals();
    assert.deepEqual([sps, pps], [SPS, PPS]);
    const index = slice!.readUInt8(1);
    assert.ok(index > 4 && index % 4 === 0, `joined at access unit ${index}`);
  });

  test('a phase begins inside the clip, at its next keyframe', async () => {
    const client = await suite.connect(suite.addMount({ phaseMs: 50 }));
    await client.play();
    const nals = await client.nextNals();
    assert.equal(nals.at(-1)!.readUInt8(1), 8);
  });

  test('PAUSE stops the media, PLAY goes on', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    await client.nextAccessUnit();
    await client.request('PAUSE');
    assert.equal(mount.playing, 0);
    await client.request('PLAY');
    assert.equal(mount.playing, 1);
  });

  test('statuses of requests that cannot be met', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    const elsewhere = mount.url.replace(/\/cam\d+$/, '/nothing');
    assert.equal((await client.request('DESCRIBE', {}, elsewhere)).status, 404);
    assert.equal((await client.request('PLAY')).status, 454);
    assert.equal((await client.setup('RTP/AVP;multicast')).status, 461);
    assert.equal((await client.request('RECORD')).status, 501);
    assert.equal((await client.setup()).status, 200);
    assert.equal((await client.setup()).status, 455);
    assert.equal((await client.request('PLAY', { Session: 'another' })).status, 454);
  });

  test('a query and a closing slash belong to no path', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    for (const suffix of ['/', '?channel=1', '?channel=1/trackID=0', '/trackID=0']) {
      assert.equal((await client.request('DESCRIBE', {}, mount.url + suffix)).status, 200, suffix);
    }
  });

  test('what is no RTSP gets 400 and a closed connection', async () => {
    const client = await suite.connect(suite.addMount());
    let answer = '';
    client.socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await client.closed;
    assert.equal(answer, 'RTSP/1.0 400 Bad Request\r\n\r\n');
    const other = await suite.connect(suite.addMount());
    assert.equal((await other.request('OPTIONS')).status, 200);
  });

  test('a session that is not heard from ends after its timeout; requests keep it', async () => {
    const mount = suite.addMount({ sessionTimeoutS: 2 });
    const beginMs = performance.now();
    const [silent, kept] = [await suite.connect(mount), await suite.connect(mount)];
    await silent.play();
    await kept.play();
    const keepalive = setInterval(() => void kept.request('GET_PARAMETER'), 300);
    await silent.closed;
    clearInterval(keepalive);
    assert.ok(performance.now() - beginMs >= 2000);
    assert.equal(mount.playing, 1);
    assert.equal((await kept.request('GET_PARAMETER')).status, 200);
  });
});

describe('SimulatorServer', () => {
  test('refuses a path that is taken or none', async () => {
    const server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    try {
      server.addMount('/cam', CLIP);
      assert.throws(() => server.addMount('/cam', CLIP), /Expected a new path but '\/cam' has a camera/);
      assert.throws(() => server.addMount('cam', CLIP), /Expected a path such as \/cam1 but received 'cam'/);
    } finally {
      await server.close();
    }
  });

  test('close() closes connections and gives the port back', async () => {
    const server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    const mount = server.addMount('/cam', CLIP);
    const client = await RtspClient.connect(mount.url);
    await client.play();
    await server.close();
    await client.closed;
    assert.equal(mount.playing, 0);
    await assert.rejects(RtspClient.connect(mount.url), { code: 'ECONNREFUSED' });
  });

  test('a port that is in use is an error', async () => {
    const server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(server.addMount('/cam', CLIP).url).port);
    await assert.rejects(SimulatorServer.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
    await server.close();
  });
});
