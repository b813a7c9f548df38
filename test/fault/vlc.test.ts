import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { StreamDecoderFactory } from '../../index.js';
import { Cleanup } from '../support/cleanup.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';
import { ListeningProxy } from './listening-proxy.js';
import { NumberedSource } from './numbered-source.js';
import { VlcServer } from './vlc-server.js';
import { INGESTS, STALL_TIMEOUT_MS, WatchedCamera, type WatchOptions } from './watched-camera.js';

const SESSION_TIMEOUT_S = 3;
const LOGIN = { user: 'viewer', password: 'p@ss w%rd' };
/** Longer than all the tests: VLC plays it once, and gives the track another name when it begins anew. */
const CLIP = { width: 160, height: 90, fps: 12, gop: 12, frames: 2400 };

describe("VLC's RTSP server", { skip: requires('ffmpeg') || requires('vlc') }, () => {
  const cleanup = new Cleanup();
  let source: NumberedSource;
  let vlc: VlcServer;

  before(async () => {
    source = await NumberedSource.load(CLIP);
    const { path, fps } = await numberedClip(CLIP);
    vlc = await VlcServer.start({
      ...LOGIN,
      clip: { path, fps },
      port: await unusedPort(),
      sessionTimeoutS: SESSION_TIMEOUT_S,
    });
    cleanup.add(undefined, () => vlc.kill());
    cleanup.add(StreamDecoderFactory, (factory) => factory.getInstance(0).close());
  });

  after(() => cleanup.run());

  /** Every picture has to be a whole frame of the clip. */
  async function watch(url: string, options: WatchOptions, scenario: (camera: WatchedCamera) => Promise<void>) {
    const camera = new WatchedCamera(url, source, { transport: 'udp', ...LOGIN, ...options });
    try {
      await scenario(camera);
    } finally {
      await camera.stop();
    }
  }

  for (const ingest of INGESTS) {
    test(`${ingest}: a session outlives its time-out, by the method that is offered`, async () => {
      const proxy = await ListeningProxy.start(vlc.url, cleanup);
      await watch(proxy.url, { ingest }, async (camera) => {
        // Three time-outs, at the pace of the pictures.
        await camera.morePictures((3 * SESSION_TIMEOUT_S * CLIP.fps) / camera.stride);
        assert.equal(camera.sessions, 1);
      });
      proxy.assertKeptAlive('GET_PARAMETER', 800 * SESSION_TIMEOUT_S);
    });

    test(`${ingest}: a wrong password is tried twice, then parked`, async () => {
      await watch(vlc.url, { ingest, password: 'wrong' }, async (camera) => {
        await camera.untilState('parked');
        assert.deepEqual(camera.causes, ['ERR_RTSP_UNAUTHORIZED', 'ERR_RTSP_UNAUTHORIZED']);
      });
    });

    test(`${ingest}: a server that hangs is a stall, and the camera is back when it goes on`, async () => {
      await watch(vlc.url, { ingest }, async (camera) => {
        await camera.morePictures();
        vlc.freeze();
        const beganMs = performance.now();
        const { code } = await camera.untilDown();
        const tookMs = performance.now() - beganMs;
        vlc.thaw();
        assert.equal(code, 'ERR_STREAM_STALLED');
        assert.ok(tookMs < 2 * STALL_TIMEOUT_MS, `Expected a stall in time but it took ${tookMs} ms`);
        await camera.untilBack();
      });
    });

    test(`${ingest}: a server that is killed is the end of the stream, and the camera is back with the next one`, async () => {
      await watch(vlc.url, { ingest }, async (camera) => {
        await camera.morePictures();
        await vlc.kill();
        assert.equal((await camera.untilDown()).code, 'ERR_STREAM_ENDED');
        vlc = await vlc.again();
        await camera.untilBack();
      });
    });
  }

  test('RTP over TCP, which it does not have, is named as what the camera refused', async () => {
    await watch(vlc.url, { transport: 'tcp' }, async (camera) => {
      const { code, message } = await camera.untilDown();
      assert.equal(code, 'ERR_RTSP_STATUS');
      assert.match(message, /TCP.*461/);
    });
  });
});
