import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReconnectDelay } from '../../services/stream/reconnect-delay.js';

const LATEST = (): number => 0.999_999;

function delays(delay: ReconnectDelay, count: number): number[] {
  return Array.from({ length: count }, () => delay.afterFailure());
}

describe('ReconnectDelay', () => {
  it('doubles from half a second to thirty', () => {
    assert.deepEqual(delays(new ReconnectDelay(LATEST), 9), [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it('waits at least half of the step, whatever the dice say', () => {
    assert.deepEqual(delays(new ReconnectDelay(() => 0), 3), [250, 500, 1000]);
  });

  it('spreads cameras that failed together', () => {
    const waits = new Set(Array.from({ length: 50 }, () => delays(new ReconnectDelay(), 5)[4]));
    assert.ok(waits.size > 25, `only ${waits.size} different waits`);
  });

  it('spreads fixed waits too, and counts them', () => {
    const delay = new ReconnectDelay(() => 0);
    assert.equal(delay.afterFailure(60_000), 30_000);
    assert.equal(delay.afterFailure(), 500);
    assert.equal(delay.failures, 2);
  });

  it('begins again when it is reset', () => {
    const delay = new ReconnectDelay(LATEST);
    delays(delay, 6);
    delay.reset();
    assert.equal(delay.failures, 0);
    assert.equal(delay.afterFailure(), 500);
  });
});
