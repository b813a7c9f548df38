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

describe('Authenticator', () => {
  test('asks nothing without a scheme', () => {
    assert.equal(new Authenticator().challenge({ scheme: 'none' }, 'DESCRIBE', undefined), undefined);
  });

  test('basic: passes the right password alone', () => {
    const authenticator = new Authenticator();
    const answer = (password: string): string => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    assert.equal(authenticator.challenge(BASIC, 'DESCRIBE', answer('p:ss#1')), undefined);
    assert.equal(
      authenticator.challenge(BASIC, 'DESCRIBE', answer('other')),
      'Basic realm="Framewell camera simulator"',
    );
  });

  test('digest: passes the right password for the method and nonce it was made for', () => {
    const authenticator = new Authenticator();
    const challenge = authenticator.challenge(DIGEST, 'DESCRIBE', undefined);
    assert.match(challenge ?? '', /^Digest realm="IP camera", nonce="[0-9a-f]{32}"$/);
    const answer = digestAnswer(challenge, 'p:ss#1');
    assert.equal(authenticator.challenge(DIGEST, 'DESCRIBE', answer), undefined);
    assert.equal(authenticator.challenge(DIGEST, 'SETUP', answer), challenge);
    assert.equal(authenticator.challenge(DIGEST, 'DESCRIBE', digestAnswer(challenge, 'other')), challenge);
    assert.notEqual(new Authenticator().challenge(DIGEST, 'DESCRIBE', answer), undefined);
  });

  test('digest: basic credentials do not pass', () => {
    const basic = `Basic ${Buffer.from('admin:p:ss#1').toString('base64')}`;
    assert.notEqual(new Authenticator().challenge(DIGEST, 'DESCRIBE', basic), undefined);
  });
});
