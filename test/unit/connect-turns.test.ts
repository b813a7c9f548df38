import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConnectTurns, SHORTEST_TURN_MS } from '../../services/stream/connect-turns.js';
import { ManualClock } from '../support/manual-clock.js';

/** Of a camera that is not stopped. */
function never(): AbortSignal {
  return new AbortController().signal;
}

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

/** Until what the passing of time begins has happened. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turn();
}

describe('ConnectTurns', () => {
  it('gives no more turns at once than it has', async () => {
    const turns = new ConnectTurns(2, clock);
    const first = turns.tryTake(never());
    assert.ok(first && turns.tryTake(never()));
    assert.equal(turns.tryTake(never()), undefined);
    first();
    // Giving back twice makes no second turn.
    first();
    await pass(SHORTEST_TURN_MS);
    assert.ok(turns.tryTake(never()));
    assert.equal(turns.tryTake(never()), undefined);
  });

  it('serves who waits in order, the fewest attempts first', async () => {
    const turns = new ConnectTurns(1, clock);
    const served: string[] = [];
    const come = async (name: string, attempt: number): Promise<void> => {
      const endTurn = await turns.take(attempt, never());
      served.push(name);
      endTurn?.();
    };
    const endTurn = turns.tryTake(never());
    const all = [come('dead', 9), come('first', 1), come('second', 1), come('shaky', 2), come('third', 1)];
    endTurn?.();
    while (served.length < all.length) await pass(SHORTEST_TURN_MS);
    assert.deepEqual(served, ['first', 'second', 'third', 'shaky', 'dead']);
  });

  it('lets go who gives up, and keeps nobody else waiting for it', async () => {
    const turns = new ConnectTurns(1, clock);
    const endTurn = turns.tryTake(never());
    const leaving = new AbortController();
    const gone = turns.take(1, leaving.signal);
    const next = turns.take(1, never());
    leaving.abort();
    assert.equal(await gone, undefined);
    endTurn?.();
    await pass(SHORTEST_TURN_MS);
    assert.equal(typeof (await next), 'function');
  });

  it('keeps a turn that ended at once until its time is over, and a long one no longer', async () => {
    const turns = new ConnectTurns(1, clock);
    turns.tryTake(never())!();
    await pass(SHORTEST_TURN_MS - 1);
    assert.equal(turns.tryTake(never()), undefined);
    await pass(1);
    const long = turns.tryTake(never())!;
    await pass(10_000);
    long();
    await turn();
    assert.ok(turns.tryTake(never()));
  });

  it('has the turn of a camera that is stopped at once', async () => {
    const turns = new ConnectTurns(1, clock);
    const stopping = new AbortController();
    const endTurn = turns.tryTake(stopping.signal)!;
    stopping.abort();
    endTurn();
    await turn();
    assert.ok(turns.tryTake(never()));
    assert.equal(clock.sleepers, 1);
  });

  it('brings a thousand back that are all refused, sixteen at a time, 64 a second and in order', async () => {
    const turns = new ConnectTurns(16, clock);
    const order: number[] = [];
    const atMs: number[] = [];
    let connecting = 0;
    let most = 0;
    const connect = async (camera: number): Promise<void> => {
      const endTurn = turns.tryTake(never()) ?? (await turns.take(1, never()));
      order.push(camera);
      atMs.push(clock.nowMs);
      most = Math.max(most, ++connecting);
      await Promise.resolve();
      connecting -= 1;
      endTurn?.();
    };
    const beganAtMs = clock.nowMs;
    const cameras = Array.from({ length: 1000 }, (_, camera) => camera);
    const all = Promise.all(cameras.map(connect));
    while (order.length < cameras.length) await pass(10);
    await all;
    assert.equal(most, 16);
    assert.deepEqual(order, cameras);
    const mostInASecond = Math.max(...atMs.map((from) => atMs.filter((at) => at >= from && at < from + 1000).length));
    assert.equal(mostInASecond, 64);
    assert.ok(clock.nowMs - beganAtMs < 16_000, `Expected all within 16 s but it took ${clock.nowMs - beganAtMs} ms`);
  });
});
