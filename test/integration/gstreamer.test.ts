import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraSettings } from '../support/framewell-server.js';
import { GstreamerServer, MOUNTS, PATTERN } from '../support/gstreamer-server.js';
import { colourDistance, decodeJpeg, meanColour } from '../support/picture.js';
import { requires } from '../support/requires.js';

/** As FFmpeg names them. */
const CODEC_NAMES = { h264: 'h264', h265: 'hevc', vp8: 'vp8', mjpeg: 'mjpeg' };
const USER = 'viewer-of-test';
// Every character here has a meaning in URLs, digest headers or .env files.
const PASSWORD = 'p@s#s%3A:w!o?r/d "x"';
/** GStreamer encodes in a hurry: blocks of a bar's edge reach into it, and its quantisers are coarse. */
const TOLERANCE = 12;

/** Every mount over every transport, received by us and by libavformat. */
const STREAMS = MOUNTS.flatMap((mount) =>
  (['tcp', 'udp'] as const).flatMap((transport) =>
    (['auto', 'libav'] as const).map((ingest) => ({ id: `${mount}-${transport}-${ingest}`, mount, transport, ingest })),
  ),
);

describe("GStreamer's RTSP server, digest on", { skip: requires('gstreamer') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;

  before(async () => {
    const gstreamer = await GstreamerServer.start({ user: USER, password: PASSWORD });
    cleanup.add(gstreamer, (it) => it.stop());
    const login = { user: USER, password: PASSWORD };
    const cameras = STREAMS.map(({ id, mount, transport, ingest }): CameraSettings => {
      return { id, url: gstreamer.url(mount), transport, ingest, ...login };
    });
    server = await FramewellServer.start({
      cameras: [
        ...cameras,
        { id: 'in-url', url: gstreamer.url('h264').replace('//', `//${USER}:${encodeURIComponent(PASSWORD)}@`) },
        { id: 'wrong-password', url: gstreamer.url('h264'), user: USER, password: 'not-the-password' },
        { id: 'no-password', url: gstreamer.url('h264') },
        { id: 'wrong-path', url: gstreamer.url('h264').replace('h264', 'nothing-here'), ...login },
      ],
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  for (const { id, mount, ingest } of STREAMS) {
    test(`${id}: the test card arrives`, async () => {
      await server.untilState(id, 'live', 20_000);
      const first = await server.snapshot(id, '?quality=95');
      assert.equal(first.status, 200, first.body.toString());
      const picture = await decodeJpeg(first.body);
      assert.deepEqual([picture.width, picture.height], [640, 360]);
      for (const { area, colour } of PATTERN) {
        const received = meanColour(picture, area);
        assert.ok(
          colourDistance(received, colour) <= TOLERANCE,
          `Expected about rgb(${colour.join()}) but received rgb(${received.map(Math.round).join()})`,
        );
      }
      const second = await server.snapshot(id, '?quality=94');
      assert.ok(Number(second.headers.get('x-frame-sequence')) >= Number(first.headers.get('x-frame-sequence')));
    });

    test(`${id}: the camera's facts are told, and who receives it`, async () => {
      const camera = await server.untilCamera(id, ({ fps }) => typeof fps === 'number' && fps > 0);
      const received = camera.ingest as { name: string; reason?: string };
      assert.equal(received.name, ingest === 'libav' || mount === 'vp8' ? 'libav' : 'rtsp');
      if (ingest === 'auto' && mount === 'vp8') assert.match(received.reason ?? '', /VP8/);
      assert.equal(camera.codec, CODEC_NAMES[mount]);
      assert.deepEqual([camera.width, camera.height], [640, 360]);
      await server.untilCamera(id, ({ fps }) => Math.abs((fps as number) - 15) < 1.5);
    });
  }

  test('a login inside the URL serves as well', async () => {
    await server.untilState('in-url', 'live', 20_000);
    assert.equal((await server.snapshot('in-url')).status, 200);
  });

  for (const id of ['wrong-password', 'no-password']) {
    test(`${id}: the camera is parked, and a snapshot says why`, async () => {
      const { state } = await server.untilState(id, 'parked', 20_000);
      assert.equal(state.cause?.code, 'ERR_RTSP_UNAUTHORIZED');
      const answer = await server.snapshot(id);
      assert.equal(answer.status, 503);
      const error = answer.json() as { code: string; cause: { code: string } };
      assert.equal(error.code, 'ERR_CAMERA_DOWN');
      assert.equal(error.cause.code, 'ERR_RTSP_UNAUTHORIZED');
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
    });
  }

  test('a path that the server does not have is named as such', async () => {
    const { state } = await server.untilState('wrong-path', 'backingOff', 20_000);
    assert.equal(state.cause?.code, 'ERR_RTSP_NOT_FOUND');
  });
});
