import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { CameraSource, StreamDecoderFactory, type StreamDecoder, type StreamState } from '../../index.js';
import { RtspClient } from '../simulator/rtsp-client.js';
import { Cleanup } from '../support/cleanup.js';
import { GstreamerServer } from '../support/gstreamer-server.js';
import { requires } from '../support/requires.js';
import { ListeningProxy } from './listening-proxy.js';
import { INGESTS, STALL_TIMEOUT_MS, type Ingest } from './watched-camera.js';

const SESSION_TIMEOUT_S = 2;
const FPS = 15;
const LOGIN = { user: 'viewer', password: 'p@ss w%rd' };

for (const [auth, transport] of [
  ['basic', 'tcp'],
  ['digest', 'udp'],
] as const) {
  describe(`GStreamer's RTSP server, ${auth}, ${transport}`, { skip: requires('gstreamer') }, () => {
    const cleanup = new Cleanup();
    let gstreamer: GstreamerServer;

    before(async () => {
      gstreamer = await GstreamerServer.start({ ...LOGIN, auth, mounts: ['h264'], sessionTimeoutS: SESSION_TIMEOUT_S });
      cleanup.add(gstreamer, (it) => it.stop());
      cleanup.add(StreamDecoderFactory, (factory) => factory.getInstance(0).close());
    });

    after(() => cleanup.run());

    function open(url: string, options: { ingest: Ingest; password?: string }): StreamDecoder {
      const source = new CameraSource(url, { transport, ...LOGIN, ...options });
      const timeouts = { stallTimeoutMs: STALL_TIMEOUT_MS, connectTimeoutMs: 5000 };
      const decoder = StreamDecoderFactory.getInstance(0).createDecoder(source, timeouts);
      decoder.start();
      return decoder;
    }

    for (const ingest of INGESTS) {
      test(`${ingest}: a session outlives its time-out, by the method that is offered`, async () => {
        const proxy = await ListeningProxy.start(gstreamer.url('h264'), cleanup);
        const decoder = open(proxy.url, { ingest });
        await reached(decoder, 'live');
        const first = await decoder.getLatestFrame();
        // The pictures count the time: three time-outs.
        const last = await decoder.getLatestFrame({ afterSequence: first.sequence + 3 * SESSION_TIMEOUT_S * FPS });
        first.release();
        last.release();
        assert.equal(decoder.getStatus().sessions, 1);
        await decoder.stop();
        proxy.assertKeptAlive('GET_PARAMETER', 800 * SESSION_TIMEOUT_S);
      });

      test(`${ingest}: a wrong password is tried twice, then parked`, async () => {
        const decoder = open(gstreamer.url('h264'), { ingest, password: 'wrong' });
        const parked = await reached(decoder, 'parked');
        assert.equal('cause' in parked && parked.cause.code, 'ERR_RTSP_UNAUTHORIZED');
        assert.equal(decoder.getStatus().sessions, 2);
        await decoder.stop();
      });

      test(`${ingest}: a server that hangs is a stall, and is back when it goes on`, async () => {
        const decoder = open(gstreamer.url('h264'), { ingest });
        await reached(decoder, 'live');
        gstreamer.freeze();
        const beganMs = performance.now();
        const down = await reached(decoder, 'backingOff');
        const tookMs = performance.now() - beganMs;
        gstreamer.thaw();
        assert.equal('cause' in down && down.cause.code, 'ERR_STREAM_STALLED');
        assert.ok(tookMs < 2 * STALL_TIMEOUT_MS, `Expected a stall in time but it took ${tookMs} ms`);
        await reached(decoder, 'live');
        await decoder.stop();
      });
    }
  });
}

// Over TCP it takes a connection that stands for a sign of life.
describe("GStreamer's time-out", { skip: requires('gstreamer') }, () => {
  test('is real: a client over UDP that says nothing is given up', { timeout: 30_000 }, async () => {
    const gstreamer = await GstreamerServer.start({ mounts: ['h264'], sessionTimeoutS: SESSION_TIMEOUT_S });
    const [rtp, rtcp] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')];
    try {
      await Promise.all([once(rtp, 'listening'), once(rtcp, 'listening')]);
      const client = await RtspClient.connect(gstreamer.url('h264'));
      await client.request('DESCRIBE');
      const ports = `client_port=${rtp.address().port}-${rtcp.address().port}`;
      await client.request('SETUP', { Transport: `RTP/AVP;unicast;${ports}` }, `${client.url}/stream=0`);
      assert.equal((await client.request('PLAY')).status, 200);
      await silenceOf(rtp);
      assert.equal((await client.request('GET_PARAMETER')).status, 454);
      client.close();
    } finally {
      rtp.close();
      rtcp.close();
      await gstreamer.stop();
    }
  });
});

/** Resolves when datagrams have come and then none for a second. */
async function silenceOf(socket: Socket): Promise<void> {
  await once(socket, 'message');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 1000);
    socket.on('message', () => timer.refresh());
  });
}

function reached(decoder: StreamDecoder, name: StreamState['name']): Promise<StreamState> {
  const { state } = decoder.getStatus();
  if (state.name === name) return Promise.resolve(state);
  return new Promise((resolve) => {
    const stopListening = decoder.onStateChange((next) => {
      if (next.name !== name) return;
      stopListening();
      resolve(next);
    });
  });
}
