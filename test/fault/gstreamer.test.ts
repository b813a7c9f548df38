import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { CameraSource, StreamDecoderFactory, type StreamDecoder, type StreamState } from '../../index.js';
import { Cleanup } from '../support/cleanup.js';
import { GstreamerServer } from '../support/gstreamer-server.js';
import { requires } from '../support/requires.js';
import { INGESTS, STALL_TIMEOUT_MS, type Ingest } from './watched-camera.js';

const SESSION_TIMEOUT_S = 2;
const FPS = 15;
const LOGIN = { user: 'viewer', password: 'p@ss w%rd' };

describe("GStreamer's RTSP server", { skip: requires('gstreamer') }, () => {
  const cleanup = new Cleanup();
  let gstreamer: GstreamerServer;

  before(async () => {
    gstreamer = await GstreamerServer.start({ ...LOGIN, sessionTimeoutS: SESSION_TIMEOUT_S });
    cleanup.add(gstreamer, (it) => it.stop());
    cleanup.add(StreamDecoderFactory, (factory) => factory.getInstance(0).close());
  });

  after(() => cleanup.run());

  function open(ingest: Ingest, transport: 'tcp' | 'udp'): StreamDecoder {
    const source = new CameraSource(gstreamer.url('h264'), { ingest, transport, ...LOGIN });
    const timeouts = { stallTimeoutMs: STALL_TIMEOUT_MS, connectTimeoutMs: 5000 };
    const decoder = StreamDecoderFactory.getInstance(0).createDecoder(source, timeouts);
    decoder.start();
    return decoder;
  }

  for (const transport of ['tcp', 'udp'] as const) {
    test(`keepalive over ${transport}: a session outlives its time-out`, async () => {
      const decoder = open('auto', transport);
      await reached(decoder, 'live');
      const first = await decoder.getLatestFrame();
      // The pictures count the time: three time-outs.
      const last = await decoder.getLatestFrame({ afterSequence: first.sequence + 3 * SESSION_TIMEOUT_S * FPS });
      first.release();
      last.release();
      assert.equal(decoder.getStatus().sessions, 1);
      await decoder.stop();
    });
  }

  for (const ingest of INGESTS) {
    test(`${ingest}: a server that hangs is a stall, and is back when it goes on`, async () => {
      const decoder = open(ingest, 'tcp');
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
