import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReconnectDelay } from '../../services/stream/reconnect-delay.js';
import { ReconnectPolicy, type Reconnect } from '../../services/stream/reconnect-policy.js';

const LATEST = (): number => 0.999_999;
const PARK: Reconnect = { kind: 'park' };

function start() {
  const policy = new ReconnectPolicy(new ReconnectDelay(LATEST));
  const fail = (code: string, facts: { wasConnected?: boolean; liveForMs?: number } = {}) => {
    return policy.afterSession({ cause: { code, message: '' }, wasConnected: false, liveForMs: 0, ...facts });
  };
  return { policy, fail };
}

function retryIn(waitMs: number): Reconnect {
  return { kind: 'retry', waitMs };
}

describe('ReconnectPolicy', () => {
  const passing = [
    ...['REFUSED', 'UNREACHABLE', 'DNS', 'TIMEOUT', 'PROTOCOL', 'TRANSPORT', 'STATUS'].map(
      (word) => `ERR_RTSP_${word}`,
    ),
    'ERR_STREAM_ENDED',
    'ERR_STREAM_STALLED',
    'ERR_DECODE_FAILED',
    'ERR_INTERNAL',
    'ERR_THAT_NOBODY_KNOWS',
  ];
  for (const code of passing) {
    it(`waits longer and longer after ${code}`, () => {
      const { fail } = start();
      assert.deepEqual([fail(code), fail(code), fail(code)], [retryIn(500), retryIn(1000), retryIn(2000)]);
    });
  }

  const lasting: [code: string, waitMs: number][] = [
    ['ERR_RTSP_NOT_FOUND', 60_000],
    ['ERR_RTSP_REDIRECT', 60_000],
    ['ERR_RTSP_NO_VIDEO', 60_000],
    ['ERR_CODEC_UNSUPPORTED', 60_000],
    ['ERR_RTSP_BUSY', 120_000],
  ];
  for (const [code, waitMs] of lasting) {
    it(`waits ${waitMs / 1000} s after ${code}, every time`, () => {
      const { fail } = start();
      assert.deepEqual([fail(code), fail(code)], [retryIn(waitMs), retryIn(waitMs)]);
    });
  }

  for (const code of ['ERR_RTSP_UNAUTHORIZED', 'ERR_RTSP_FORBIDDEN']) {
    it(`parks after two ${code}`, () => {
      const { fail } = start();
      assert.deepEqual([fail(code), fail(code)], [retryIn(500), PARK]);
    });
  }

  it('parks after two refused logins, whatever else fails in between', () => {
    const { fail } = start();
    fail('ERR_RTSP_UNAUTHORIZED');
    fail('ERR_RTSP_REFUSED');
    assert.deepEqual(fail('ERR_RTSP_UNAUTHORIZED'), PARK);
  });

  it('counts refused logins anew once the camera let us in', () => {
    const { fail } = start();
    fail('ERR_RTSP_UNAUTHORIZED');
    fail('ERR_STREAM_ENDED', { wasConnected: true });
    assert.deepEqual(fail('ERR_RTSP_UNAUTHORIZED'), retryIn(2000));
    assert.deepEqual(fail('ERR_RTSP_UNAUTHORIZED'), PARK);
  });

  it('counts everything anew when somebody asks for another try', () => {
    const { policy, fail } = start();
    fail('ERR_RTSP_UNAUTHORIZED');
    fail('ERR_RTSP_UNAUTHORIZED');
    policy.reset();
    assert.deepEqual(fail('ERR_RTSP_UNAUTHORIZED'), retryIn(500));
  });

  it('parks at once for what no try can mend', () => {
    assert.deepEqual(start().fail('ERR_CREDENTIALS_MISSING'), PARK);
    assert.deepEqual(start().fail('ERR_BAD_PARAMETER'), PARK);
  });

  it('is not reset by a short success, but by thirty seconds of pictures', () => {
    const { policy, fail } = start();
    for (let failures = 0; failures < 4; failures++) fail('ERR_RTSP_REFUSED');
    assert.deepEqual(fail('ERR_STREAM_ENDED', { wasConnected: true, liveForMs: 29_999 }), retryIn(8000));
    assert.deepEqual(fail('ERR_STREAM_ENDED', { wasConnected: true, liveForMs: 30_000 }), retryIn(500));
    assert.equal(policy.failures, 1);
  });
});
