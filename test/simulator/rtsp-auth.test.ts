import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Auth } from '../../simulator/behaviour.js';
import { Authenticator } from '../../simulator/rtsp/rtsp-auth.js';

const BASIC: Auth = { scheme: 'basic', user: 'admin', password: 'p:ss#1' };
const DIGEST: Auth = { scheme: 'digest', user: 'admin', password: 'p:ss#1', realm: 'IP camera' };
const URI = 'rtsp://camera/1';

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** What a client answers to a challenge, computed apart from the code under test. */
function digestAnswer(challenge: string | undefined, password: string, method = 'DESCRIBE'): string {
  const nonce = /nonce="([^"]+)"/.exec(challenge ?? '')?.[1] ?? '';
  const response = md5(`${md5(`admin:IP camera:${password}`)}:${nonce}:${md5(`${method}:${URI}`)}`);
  return `Digest username="admin", realm="IP camera", nonce="${nonce}", uri="${URI}", response="${response}"`;
}

/** What is asked of a request with this Authorization header; undefined where it passes. */
function challenge(
  authenticator: Authenticator,
  auth: Auth,
  authorization?: string,
  method = 'DESCRIBE',
): string | undefined {
  return authenticator.challenges(auth, method, authorization).at(-1);
}

describe('Authenticator', () => {
  test('asks nothing without a scheme', () => {
    assert.equal(challenge(new Authenticator(), { scheme: 'none' }), undefined);
  });

  test('basic: passes the right password alone', () => {
    const authenticator = new Authenticator();
    const answer = (password: string): string => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    assert.equal(challenge(authenticator, BASIC, answer('p:ss#1')), undefined);
    assert.equal(challenge(authenticator, BASIC, answer('other')), 'Basic realm="Framewell camera simulator"');
  });

  test('digest: passes the right password for the method and nonce it was made for', () => {
    const authenticator = new Authenticator();
    const asked = challenge(authenticator, DIGEST);
    assert.match(asked ?? '', /^Digest realm="IP camera", nonce="[0-9a-f]{32}"$/);
    const answer = digestAnswer(asked, 'p:ss#1');
    assert.equal(challenge(authenticator, DIGEST, answer), undefined);
    assert.equal(challenge(authenticator, DIGEST, answer, 'SETUP'), asked);
    assert.equal(challenge(authenticator, DIGEST, digestAnswer(asked, 'other')), asked);
    assert.notEqual(challenge(new Authenticator(), DIGEST, answer), undefined);
  });

  test('digest: basic credentials do not pass', () => {
    const basic = `Basic ${Buffer.from('admin:p:ss#1').toString('base64')}`;
    assert.notEqual(challenge(new Authenticator(), DIGEST, basic), undefined);
  });

  test('digest: a nonce passes so many requests, then it is stale', () => {
    const authenticator = new Authenticator();
    const auth: Auth = { ...DIGEST, nonceUses: 2 };
    const first = challenge(authenticator, auth);
    const answer = digestAnswer(first, 'p:ss#1');
    assert.equal(challenge(authenticator, auth, answer), undefined);
    assert.equal(challenge(authenticator, auth, answer), undefined);
    const second = challenge(authenticator, auth, answer);
    assert.match(second ?? '', /stale=true/);
    assert.notEqual(second, first);
    assert.equal(challenge(authenticator, auth, digestAnswer(second, 'p:ss#1')), undefined);
  });

  test('digest with SHA-256 and qop: RFC 7616 3.9.1 in its computation, and no count twice', () => {
    const authenticator = new Authenticator();
    const auth: Auth = { ...DIGEST, realm: 'a "quoted\\ realm', algorithm: 'SHA-256', qop: true };
    const asked = challenge(authenticator, auth) ?? '';
    assert.match(asked, /realm="a \\"quoted\\\\ realm".*algorithm=SHA-256, qop="auth"$/);
    const nonce = /nonce="([^"]+)"/.exec(asked)![1];
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const answer = (count: string): string => {
      const request = `${nonce}:${count}:0a4f:auth:${sha256(`DESCRIBE:${URI}`)}`;
      const response = sha256(`${sha256('admin:a "quoted\\ realm:p:ss#1')}:${request}`);
      const counted = `qop=auth, nc=${count}, cnonce="0a4f"`;
      return `Digest username="admin", nonce="${nonce}", uri="${URI}", response="${response}", ${counted}`;
    };
    assert.equal(challenge(authenticator, auth, answer('00000001')), undefined);
    assert.equal(challenge(authenticator, auth, answer('00000002')), undefined);
    assert.notEqual(challenge(authenticator, auth, answer('00000002')), undefined);
  });

  test('other challenges come in headers of their own, ahead', () => {
    const auth: Auth = { ...BASIC, otherChallenges: ['Bearer realm="x"'] };
    const headers = new Authenticator().challenges(auth, 'DESCRIBE');
    assert.deepEqual(headers, ['Bearer realm="x"', 'Basic realm="Framewell camera simulator"']);
  });
});
