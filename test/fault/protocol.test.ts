import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { MountOptions } from '../../simulator/simulator-server.js';
import { withControls, withHeader, withoutHeader, withSdp } from '../../simulator/rtsp/reply-quirks.js';
import { requires } from '../support/requires.js';
import { FaultSuite } from './fault-suite.js';
import { INGESTS, type Ingest } from './watched-camera.js';

const PUBLIC_OPTIONS_ONLY = withHeader('OPTIONS', 'Public', 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN');

/** Absolute, as cameras write it: with the address of the request. */
const absoluteControls = withSdp((sdp, { url }) =>
  sdp.replace('a=control:*', `a=control:${url}`).replace('a=control:track', `a=control:${url}/track`),
);

describe('what cameras make of RTSP', { skip: requires('ffmpeg'), concurrency: 6 }, () => {
  let suite: FaultSuite;

  before(async () => {
    suite = await FaultSuite.start();
  });

  after(() => suite.end());

  for (const [what, options, ingests] of [
    ['no RTP-Info', { replies: [withoutHeader('RTP-Info')] }, INGESTS],
    ['an RTP-Info of zeroes', { replies: [withHeader('PLAY', 'RTP-Info', 'url=x;seq=0;rtptime=0')] }, INGESTS],
    ['absolute control URLs', { replies: [absoluteControls] }, INGESTS],
    ['a control of * for the track', { replies: [withControls({ session: '*', track: '*' })] }, ['auto']],
    ['no control for the session', { replies: [withControls({ session: undefined, track: 'trackID=0' })] }, INGESTS],
    ['no control at all', { replies: [withControls({ session: undefined, track: undefined })] }, ['auto']],
    ['no Content-Base', { replies: [withoutHeader('Content-Base')] }, INGESTS],
    ['a Content-Base that leads nowhere', { replies: [contentBase('rtsp://10.0.0.1/nothing/')] }, ['auto']],
    ['an empty Content-Base', { replies: [contentBase('')] }, ['auto']],
    ['other interleaved channels', { channels: [6, 9] }, ['auto']],
    ['media before the answer to PLAY', { playAnswerDelayMs: 300 }, INGESTS],
    ['a header of 30 kB', { replies: [withHeader('DESCRIBE', 'X-Filler', 'x'.repeat(30_000))] }, ['auto']],
  ] satisfies [string, MountOptions, readonly Ingest[]][]) {
    for (const ingest of ingests) {
      test(`${ingest}: ${what}`, async () => {
        await suite.watch(suite.mount(options), { ingest }, async (camera) => {
          await camera.morePictures(5);
          assert.equal(camera.sessions, 1);
        });
      });
    }
  }

  test('junk before every access unit costs nothing but itself', async () => {
    const mount = suite.mount({ junkBytes: 37 });
    await suite.watch(mount, { closely: true }, async (camera) => {
      await camera.morePictures(4 * suite.source.gop);
      const { counters, ingest } = camera.decoder.getStatus().session!;
      assert.deepEqual([camera.sessions, counters.losses, ingest.packets?.lost], [1, 0, 0]);
      assert.ok(ingest.packets!.junkBytes >= 37 * 2 * suite.source.gop);
    });
  });

  for (const [what, options, ingests] of [
    ['GET_PARAMETER alone counts', { signsOfLife: ['GET_PARAMETER'] }, INGESTS],
    [
      'SET_PARAMETER alone is offered and counts',
      {
        replies: [withHeader('OPTIONS', 'Public', 'DESCRIBE, SETUP, PLAY, TEARDOWN, SET_PARAMETER')],
        signsOfLife: ['SET_PARAMETER'],
      },
      ['auto'],
    ],
    ['OPTIONS alone counts', { replies: [PUBLIC_OPTIONS_ONLY], signsOfLife: ['OPTIONS'] }, INGESTS],
  ] satisfies [string, MountOptions, readonly Ingest[]][]) {
    for (const ingest of ingests) {
      for (const transport of ['tcp', 'udp'] as const) {
        test(`${ingest}: keepalive over ${transport}: ${what}`, async () => {
          const mount = suite.mount({ ...options, sessionTimeoutS: 2 });
          await suite.watch(mount, { ingest, transport }, async (camera) => {
            // Five seconds at five pictures a second: two session time-outs.
            await camera.morePictures(25);
            assert.deepEqual([camera.sessions, mount.playing], [1, 1]);
          });
        });
      }
    }
  }

  test('a session that the camera gives up for want of a sign is made anew', async () => {
    const mount = suite.mount({ sessionTimeoutS: 2, signsOfLife: ['PAUSE'] });
    await suite.watch(mount, {}, async (camera) => {
      assert.equal((await camera.untilDown()).code, 'ERR_STREAM_ENDED');
      mount.change({ signsOfLife: 'any' });
      await camera.untilBack();
    });
  });

  for (const transport of ['tcp', 'udp'] as const) {
    test(`${transport}: stop sends TEARDOWN and closes the connection`, async () => {
      const methods: string[] = [];
      const mount = suite.mount({
        replies: [
          (reply, request) => {
            methods.push(request.method);
            return reply;
          },
        ],
      });
      await suite.watch(mount, { transport }, (camera) => camera.morePictures());
      assert.equal(methods.at(-1), 'TEARDOWN');
      assert.equal(mount.playing, 0);
    });
  }
});

function contentBase(value: string) {
  return withHeader('DESCRIBE', 'Content-Base', value);
}
