import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { CameraSource, StreamDecoderFactory, type StreamDecoder, type StreamState } from '../../index.js';
import { Cleanup } from '../support/cleanup.js';
import { GstreamerServer } from '../support/gstreamer-server.js';
import { requires } from '../support/requires.js';
import { ListeningProxy } from './listening-proxy.js';
import { INGESTS, STALL_TIMEOUT_MS, type Ingest } from './watched-camera.js';

const SESSION_TIMEOUT_S = 2;
const FPS = 15;
const LOGIN = { user: 'viewer', password: 'p@ss w%rd' };

for (const auth of ['basic', 'digest'] as const) {
  describe(`GStreamer's RTSP server, ${auth}`, { skip: requires('gstreamer') }, () => {
    const cleanup = new Cleanup();
    let gstreamer: GstreamerServer;

    before(async () => {
      gstreamer = await GstreamerServer.start({ ...LOGIN, auth, mounts: ['h264'], sessionTimeoutS: SESSION_TIMEOUT_S });
      cleanup.add(gstreamer, (it) => it.stop());
      cleanup.add(StreamDecoderFactory, (factory) => factory.getInstance(0).close());
    });

    after(() => cleanup.run());

    function open(url: string, options: { ingest: Ingest; transport?: 'tcp' | 'udp'; password?: string }) {
      const source = new CameraSource(url, { ...LOGIN, ...options });
      const timeouts = { stallTimeoutMs: STALL_TIMEOUT_MS, connectTimeoutMs: 5000 };
      const decoder = StreamDecoderFactory.getInstance(0).createDecoder(source, timeouts);
      decoder.start();
      return decoder;
    }

    for (const ingest of INGESTS) {
      for (const transport of ['tcp', 'udp'] as const) {
        test(`${ingest}, ${transport}: a session outlives its time-out, by the method that is offered`, async () => {
          const proxy = await ListeningProxy.start(gstreamer.url('h264'), cleanup);
          const decoder = open(proxy.url, { ingest, transport });
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
      }

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
