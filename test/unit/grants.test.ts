import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { Grants } from '../../services/access/grants.js';
import { ANONYMOUS } from '../../services/access/principal.js';

const DAY_MS = 86_400_000;
const [user] = parseAccessTokens('anna:viewer:*:token-of-who-sees-every')!;

const loginOf = (id: string) => ({ user: user!, id, expiresAtMs: 30 * DAY_MS });
const grantOf = (loginId: string) => ({ principal: ANONYMOUS, loginId, expiresAtMs: 30 * DAY_MS });

/** Something open on a grant, and how often it was ended. */
class Stream {
  ended = 0;
  readonly end = () => {
    this.ended += 1;
  };
}

describe('a stream ends', () => {
  test('when its grant expires, also one that lasts longer than a timer of Node', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    const [soon, late] = [new Stream(), new Stream()];
    const grants = new Grants();
    grants.hold({ principal: ANONYMOUS, expiresAtMs: 90_000 }, soon.end);
    grants.hold({ principal: ANONYMOUS, expiresAtMs: 30 * DAY_MS }, late.end);
    t.mock.timers.tick(89_999);
    assert.deepEqual([soon.ended, late.ended], [0, 0]);
    t.mock.timers.tick(1);
    assert.deepEqual([soon.ended, late.ended], [1, 0]);
    t.mock.timers.tick(29 * DAY_MS);
    assert.equal(late.ended, 0);
    t.mock.timers.tick(DAY_MS);
    assert.deepEqual([soon.ended, late.ended], [1, 1]);
  });

  test('when its login is logged out, and no other does', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    const streams = { one: new Stream(), another: new Stream(), otherLogin: new Stream(), token: new Stream() };
    const grants = new Grants();
    grants.hold(grantOf('a'), streams.one.end);
    grants.hold(grantOf('a'), streams.another.end);
    grants.hold(grantOf('b'), streams.otherLogin.end);
    grants.hold({ principal: ANONYMOUS }, streams.token.end);
    grants.logOut(loginOf('a'));
    assert.deepEqual(
      Object.values(streams).map(({ ended }) => ended),
      [1, 1, 0, 0],
    );
    assert.ok(grants.isLoggedOut(loginOf('a')));
    assert.ok(!grants.isLoggedOut(loginOf('b')));
  });
});

test('what has closed by itself is not ended', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const [closed, open] = [new Stream(), new Stream()];
  const grants = new Grants();
  const release = grants.hold(grantOf('a'), closed.end);
  grants.hold(grantOf('a'), open.end);
  release();
  grants.logOut(loginOf('a'));
  t.mock.timers.tick(31 * DAY_MS);
  assert.equal(closed.ended, 0);
});

test('of the logouts only so many are remembered', () => {
  const grants = new Grants();
  for (let logout = 0; logout <= 10_000; logout++) grants.logOut(loginOf(String(logout)));
  assert.ok(!grants.isLoggedOut(loginOf('0')));
  assert.ok(grants.isLoggedOut(loginOf('1')) && grants.isLoggedOut(loginOf('10000')));
});
