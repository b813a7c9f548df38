import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReconnectDelay } from '../../services/stream/reconnect-delay.js';

const LATEST = (): number => 0.999_999;

function delays(delay: ReconnectDelay, count: number, liveForMs = 0): number[] {
  return Array.from({ length: count }, () => delay.afterSession(liveForMs));
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

  it('is not reset by a short success', () => {
    const delay = new ReconnectDelay(LATEST);
    delays(delay, 4);
    assert.equal(delay.afterSession(29_999), 8000);
  });

  it('begins again after thirty seconds of pictures', () => {
    const delay = new ReconnectDelay(LATEST);
    delays(delay, 6);
    assert.equal(delay.afterSession(30_000), 500);
    assert.equal(delay.failures, 1);
  });
});
