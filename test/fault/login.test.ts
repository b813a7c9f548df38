import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { DigestLogin } from '../../simulator/rtsp/rtsp-auth.js';
import { requires } from '../support/requires.js';
import { FaultSuite } from './fault-suite.js';
import { INGESTS } from './watched-camera.js';

const LOGIN = { user: 'admin', password: 'secret' };
const DIGEST: DigestLogin = { scheme: 'digest', ...LOGIN };

describe('login', { skip: requires('ffmpeg'), concurrency: 6 }, () => {
  let suite: FaultSuite;

  before(async () => {
    suite = await FaultSuite.start();
  });

  after(() => suite.end());

  for (const [what, auth] of [
    ['MD5, unnamed', DIGEST],
    ['MD5 with qop', { ...DIGEST, algorithm: 'MD5', qop: true }],
    ['SHA-256', { ...DIGEST, algorithm: 'SHA-256' }],
    ['SHA-256 with qop', { ...DIGEST, algorithm: 'SHA-256', qop: true }],
    ['a realm of quotes, backslashes and commas', { ...DIGEST, realm: 'IPC "4, MP" \\ nonce="x"', qop: true }],
    ['an empty realm', { ...DIGEST, realm: '' }],
    ['basic offered as well', { ...DIGEST, otherChallenges: ['Basic realm="weak"'] }],
    [
      'weaker and unknown challenges ahead',
      {
        ...DIGEST,
        algorithm: 'SHA-256',
        qop: true,
        otherChallenges: [
          'Negotiate',
          'Digest realm="x", nonce="y", algorithm=SHA3-512',
          'Digest realm="x", nonce="y", algorithm=MD5',
          'Basic realm="weak"',
        ],
      },
    ],
    ['a new nonce for every request', { ...DIGEST, qop: true, nonceUses: 1 }],
    [
      'any character in user and password',
      { ...DIGEST, user: 'Jürgen "the" \\ @dmin', password: `p:a@s/s%41?#[]&='"\\ ö€😀` },
    ],
  ] satisfies [string, DigestLogin][]) {
    test(`digest: ${what}`, async () => {
      const mount = suite.mount({ auth });
      const { user, password } = auth;
      await suite.watch(mount, { user, password }, async (camera) => {
        await camera.morePictures();
        assert.equal(camera.sessions, 1);
      });
    });
  }

  test('basic, with any character', async () => {
    const login = { user: 'us@er', password: 'p:w#%/?ö' };
    const mount = suite.mount({ auth: { scheme: 'basic', ...login } });
    await suite.watch(mount, login, (camera) => camera.morePictures());
  });

  test('a nonce that ages between keepalives does not end the session', async () => {
    // OPTIONS needs no login; DESCRIBE, SETUP and PLAY take three uses, the first keepalive the fourth.
    const auth: DigestLogin = { ...DIGEST, qop: true, nonceUses: 3 };
    const mount = suite.mount({ auth, sessionTimeoutS: 2, signsOfLife: ['GET_PARAMETER'] });
    await suite.watch(mount, { ...LOGIN }, async (camera) => {
      // Five seconds at five pictures a second: two session time-outs.
      await camera.morePictures(25);
      assert.deepEqual([camera.sessions, mount.playing], [1, 1]);
    });
  });

  for (const ingest of INGESTS) {
    for (const scheme of ['basic', 'digest'] as const) {
      test(`${ingest}: another password for ${scheme} is tried twice, then parked until somebody asks`, async () => {
        const mount = suite.mount({ auth: { scheme, ...LOGIN, password: 'changed' } });
        await suite.watch(mount, { ingest, ...LOGIN }, async (camera) => {
          await camera.untilState('parked');
          assert.deepEqual(camera.causes, ['ERR_RTSP_UNAUTHORIZED', 'ERR_RTSP_UNAUTHORIZED']);
          mount.change({ auth: { scheme, ...LOGIN } });
          camera.decoder.retry();
          await camera.untilBack();
        });
      });

      test(`${ingest}: the right one for ${scheme}`, async () => {
        const mount = suite.mount({ auth: { scheme, ...LOGIN } });
        await suite.watch(mount, { ingest, ...LOGIN }, (camera) => camera.morePictures());
      });
    }
  }
});
