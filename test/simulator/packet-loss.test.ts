import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PacketLoss } from '../../simulator/packet-loss.js';

describe('PacketLoss', () => {
  test('takes the next packets over several access units, then no more', () => {
    const loss = new PacketLoss({ kind: 'next', packets: 3 });
    assert.deepEqual(loss.take(2), new Set([0, 1]));
    assert.deepEqual(loss.take(2), new Set([0]));
    assert.equal(loss.take(2), undefined);
  });

  test('takes the same packets for the same seed, others for another', () => {
    const taken = (seed: number) => new PacketLoss({ kind: 'random', probability: 0.1, seed }).take(10_000);
    assert.deepEqual(taken(1), taken(1));
    assert.notDeepEqual(taken(1), taken(2));
  });

  test('takes about as many as the probability says', () => {
    const taken = new PacketLoss({ kind: 'random', probability: 0.1, seed: 7 }).take(10_000);
    assert.ok(taken && taken.size > 900 && taken.size < 1100, `${taken?.size} of 10000`);
  });

  test('takes none by default', () => {
    assert.equal(new PacketLoss({ kind: 'none' }).take(1000), undefined);
  });
});
