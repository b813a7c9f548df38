import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { ErrorCode } from '../../index.js';
import type { Answer } from '../../simulator/behaviour.js';
import { verbatim, withSdp, type ReplyQuirk } from '../../simulator/rtsp/reply-quirks.js';
import { requires } from '../support/requires.js';
import { FaultSuite } from './fault-suite.js';
import { CONNECT_TIMEOUT_MS, INGESTS } from './watched-camera.js';

const LOGIN = { user: 'admin', password: 'secret' };

describe('connecting', { skip: requires('ffmpeg'), concurrency: 6 }, () => {
  let suite: FaultSuite;

  before(async () => {
    suite = await FaultSuite.start();
  });

  after(() => suite.end());

  for (const ingest of INGESTS) {
    test(`${ingest}: a camera without power is refused, and is back once it listens`, async () => {
      const server = await suite.listen();
      const mount = server.addMount('/camera', suite.source.clip);
      await server.powerOff();
      await suite.watch(mount, { ingest }, async (camera) => {
        assert.equal((await camera.untilDown()).code, 'ERR_RTSP_REFUSED');
        await server.powerOn();
        await camera.untilBack();
        await server.powerOff();
        await camera.untilState('backingOff');
        await server.powerOn();
        await camera.untilBack();
      });
    });

    for (const [what, answer, code] of [
      ['500 at PLAY', { kind: 'status', status: 500, method: 'PLAY' }, /^ERR_RTSP_STATUS$/],
      ['a closed connection', { kind: 'close' }, /^ERR_(RTSP_PROTOCOL|STREAM_ENDED)$/],
      ['silence', { kind: 'silence' }, /^ERR_RTSP_TIMEOUT$/],
    ] satisfies [string, Answer, RegExp][]) {
      test(`${ingest}: ${what} is named as what it is, and the camera is back when it answers`, async () => {
        const mount = suite.mount({ answer });
        await suite.watch(mount, { ingest }, async (camera) => {
          const beganMs = performance.now();
          assert.match((await camera.untilDown()).code, code);
          const tookMs = performance.now() - beganMs;
          assert.ok(tookMs < 3 * CONNECT_TIMEOUT_MS, `Expected an end by the deadline but it took ${tookMs} ms`);
          await camera.untilState('backingOff');
          mount.change({ answer: { kind: 'serve' } });
          await camera.untilBack();
        });
      });
    }

    for (const [what, answer, code, longestWaitMs] of [
      ['404', { kind: 'status', status: 404, method: 'DESCRIBE' }, 'ERR_RTSP_NOT_FOUND', 60_000],
      ['453 at SETUP', { kind: 'status', status: 453, method: 'SETUP' }, 'ERR_RTSP_BUSY', 120_000],
    ] satisfies [string, Answer, ErrorCode, number][]) {
      test(`${ingest}: after ${what} the camera is left alone for long, unless somebody asks for a try`, async () => {
        const mount = suite.mount({ answer });
        await suite.watch(mount, { ingest }, async (camera) => {
          assert.equal((await camera.untilDown()).code, code);
          const { state } = camera.decoder.getStatus();
          assert.ok(state.name === 'backingOff', state.name);
          const waitMs = state.retryAtMs - state.sinceMs;
          assert.ok(
            waitMs >= longestWaitMs / 2 && waitMs <= longestWaitMs,
            `Expected a long wait but it is ${waitMs} ms`,
          );
          mount.change({ answer: { kind: 'serve' } });
          camera.decoder.retry();
          await camera.untilBack();
          assert.equal(camera.sessions, 2);
        });
      });
    }

    test(`${ingest}: 403 is tried twice, then parked until somebody asks`, async () => {
      const mount = suite.mount({ answer: { kind: 'status', status: 403, method: 'DESCRIBE' } });
      await suite.watch(mount, { ingest }, async (camera) => {
        await camera.untilState('parked');
        assert.deepEqual(camera.causes, ['ERR_RTSP_FORBIDDEN', 'ERR_RTSP_FORBIDDEN']);
        mount.change({ answer: { kind: 'serve' } });
        camera.decoder.retry();
        await camera.untilBack();
      });
    });

    for (const status of [301, 302]) {
      test(`${ingest}: ${status} is followed to another port`, async () => {
        const target = (await suite.listen()).addMount('/elsewhere', suite.source.clip);
        const mount = suite.mount({ answer: redirect(status, target.url) });
        await suite.watch(mount, { ingest }, async (camera) => {
          await camera.morePictures();
          assert.deepEqual([mount.playing, target.playing, camera.sessions], [0, 1, 1]);
        });
      });
    }
  }

  test('a redirect on the same host takes the login along, one to another host does not', async () => {
    const auth = { scheme: 'basic', ...LOGIN } as const;
    const sameHost = (await suite.listen()).addMount('/camera', suite.source.clip, { auth });
    const seen: (string | undefined)[] = [];
    const spy: ReplyQuirk = (reply, request) => {
      seen.push(request.headers.get('authorization'));
      return reply;
    };
    const otherServer = await suite.listen('127.0.0.2');
    const otherHost = otherServer.addMount('/camera', suite.source.clip, { auth, replies: [spy] });
    const [near, far] = [sameHost, otherHost].map(({ url }) => suite.mount({ answer: redirect(302, url) }));
    await suite.watch(near!, LOGIN, (camera) => camera.morePictures());
    await suite.watch(far!, { ...LOGIN, shows: 'nothing' }, async (camera) => {
      assert.equal((await camera.untilDown()).code, 'ERR_RTSP_UNAUTHORIZED');
    });
    assert.ok(seen.length > 0);
    assert.deepEqual(new Set(seen), new Set([undefined]));
  });

  test('redirects in a circle end', async () => {
    const mount = suite.mount();
    mount.change({ answer: redirect(302, mount.url) });
    await suite.watch(mount, { shows: 'nothing' }, async (camera) => {
      const { code, message } = await camera.untilDown();
      assert.equal(code, 'ERR_RTSP_REDIRECT');
      assert.match(message, /at most 5 redirects/);
    });
  });

  for (const [what, code, quirk] of [
    [
      'a reply in HTTP',
      'ERR_RTSP_PROTOCOL',
      verbatim('DESCRIBE', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    ],
    ['a status line without a status', 'ERR_RTSP_PROTOCOL', verbatim('DESCRIBE', 'RTSP/1.0\r\nCSeq: 2\r\n\r\n')],
    [
      'a header of a megabyte',
      'ERR_RTSP_PROTOCOL',
      verbatim('DESCRIBE', `RTSP/1.0 200 OK\r\nX-Filler: ${'x'.repeat(2 ** 20)}`),
    ],
    [
      'a negative Content-Length',
      'ERR_RTSP_PROTOCOL',
      verbatim('DESCRIBE', 'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: -1\r\n\r\n'),
    ],
    [
      'a body that never comes',
      'ERR_RTSP_TIMEOUT',
      verbatim('DESCRIBE', 'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5000\r\n\r\nv=0'),
    ],
    ['an empty SDP', 'ERR_RTSP_PROTOCOL', withSdp(() => '')],
    ['an SDP that is none', 'ERR_RTSP_PROTOCOL', withSdp(() => '<?xml version="1.0"?><error/>')],
    ['an SDP without video', 'ERR_RTSP_NO_VIDEO', withSdp((sdp) => sdp.replace('m=video', 'm=application'))],
    [
      'an SDP of four megabytes',
      'ERR_RTSP_PROTOCOL',
      withSdp((sdp) => sdp + 'a=x-filler:0123456789\r\n'.repeat(200_000)),
    ],
    [
      'an SDP with a rotten rtpmap',
      'ERR_RTSP_NO_VIDEO',
      withSdp((sdp) => sdp.replace(/a=rtpmap:.*/, 'a=rtpmap:banana')),
    ],
    [
      'a SETUP without Transport',
      'ERR_RTSP_STATUS',
      verbatim('SETUP', 'RTSP/1.0 200 OK\r\nCSeq: 99999999999\r\nSession: ;;;\r\n\r\n'),
    ],
  ] satisfies [string, ErrorCode, ReplyQuirk][]) {
    test(`${what} is this camera's error, and the camera is back once it is mended`, async () => {
      const mount = suite.mount({ replies: [quirk] });
      await suite.watch(mount, {}, async (camera) => {
        assert.equal((await camera.untilDown()).code, code);
        mount.change({ replies: [] });
        camera.decoder.retry();
        await camera.untilBack();
      });
    });
  }
});

function redirect(status: number, location: string): Answer {
  return { kind: 'status', status, method: 'DESCRIBE', headers: { Location: location } };
}
