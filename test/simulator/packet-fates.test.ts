import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PacketFates } from '../../simulator/packet-fates.js';

describe('PacketFates', () => {
  test('takes the next packets over several access units, then no more', () => {
    const loss = new PacketFates({ kind: 'next', packets: 3 });
    assert.deepEqual(loss.take(2), ['lost', 'lost']);
    assert.deepEqual(loss.take(2), ['lost', 'sent']);
    assert.equal(loss.take(2), undefined);
  });

  test('takes the same packets for the same seed, others for another', () => {
    const taken = (seed: number) => new PacketFates({ kind: 'random', probability: 0.1, seed }).take(10_000);
    assert.deepEqual(taken(1), taken(1));
    assert.notDeepEqual(taken(1), taken(2));
  });

  test('takes about as many as the probability says', () => {
    const fates = new PacketFates({ kind: 'random', probability: 0.1, seed: 7 }).take(10_000);
    const taken = fates?.filter((fate) => fate === 'lost').length ?? 0;
    assert.ok(taken > 900 && taken < 1100, `${taken} of 10000`);
  });

  test('disorder: as many packets late and twice as it says, the same for the same seed', () => {
    const fates = (seed: number) => new PacketFates({ kind: 'none' }, { late: 0.1, twice: 0.2, seed }).take(10_000)!;
    assert.deepEqual(fates(1), fates(1));
    assert.notDeepEqual(fates(1), fates(2));
    for (const [fate, share] of [
      ['late', 0.1],
      ['twice', 0.2],
      ['lost', 0],
    ] as const) {
      const count = fates(1).filter((each) => each === fate).length;
      assert.ok(Math.abs(count - share * 10_000) <= share * 1000, `${count} of 10000 are ${fate}`);
    }
  });

  test('takes none by default', () => {
    assert.equal(new PacketFates({ kind: 'none' }).take(1000), undefined);
  });
});
