import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConnectTurns } from '../../services/stream/connect-turns.js';

const NEVER = new AbortController().signal;

describe('ConnectTurns', () => {
  it('gives no more turns at once than it has', () => {
    const turns = new ConnectTurns(2);
    const first = turns.tryTake();
    assert.ok(first && turns.tryTake());
    assert.equal(turns.tryTake(), undefined);
    first();
    // Giving back twice makes no second turn.
    first();
    assert.ok(turns.tryTake());
    assert.equal(turns.tryTake(), undefined);
  });

  it('serves who waits in order, the fewest attempts first', async () => {
    const turns = new ConnectTurns(1);
    const served: string[] = [];
    const come = async (name: string, attempt: number): Promise<void> => {
      const endTurn = await turns.take(attempt, NEVER);
      served.push(name);
      endTurn?.();
    };
    const endTurn = turns.tryTake();
    const all = [come('dead', 9), come('first', 1), come('second', 1), come('shaky', 2), come('third', 1)];
    endTurn?.();
    await Promise.all(all);
    assert.deepEqual(served, ['first', 'second', 'third', 'shaky', 'dead']);
  });

  it('lets go who gives up, and keeps nobody else waiting for it', async () => {
    const turns = new ConnectTurns(1);
    const endTurn = turns.tryTake();
    const leaving = new AbortController();
    const gone = turns.take(1, leaving.signal);
    const next = turns.take(1, NEVER);
    leaving.abort();
    assert.equal(await gone, undefined);
    endTurn?.();
    assert.equal(typeof (await next), 'function');
  });

  it('brings a thousand back, sixteen at a time and in order', async () => {
    const turns = new ConnectTurns(16);
    const order: number[] = [];
    let connecting = 0;
    let most = 0;
    const connect = async (camera: number): Promise<void> => {
      const endTurn = turns.tryTake() ?? (await turns.take(1, NEVER));
      order.push(camera);
      most = Math.max(most, ++connecting);
      await turn();
      connecting -= 1;
      endTurn?.();
    };
    const cameras = Array.from({ length: 1000 }, (_, camera) => camera);
    await Promise.all(cameras.map(connect));
    assert.equal(most, 16);
    assert.deepEqual(order, cameras);
  });
});
