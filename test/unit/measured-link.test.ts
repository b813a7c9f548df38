import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeasuredLink, type LinkSocket } from '../../services/http/measured-link.js';
import { RoundTrip } from '../../services/http/round-trip.js';

/** A socket whose pongs the test sends. */
class FakeSocket implements LinkSocket {
  bufferedAmount = 0;
  readonly pings: string[] = [];
  pongs = 0;

  ping(payload: string): void {
    this.pings.push(payload);
  }

  pong(): void {
    this.pongs += 1;
  }
}

function make() {
  const socket = new FakeSocket();
  const link = new MeasuredLink<string>(socket);
  /** Returns the pings before and after it. */
  const send = (cargo: string, bytes: number, nowMs: number): readonly [string, string] => {
    link.send(cargo, bytes, nowMs, () => undefined);
    return socket.pings.slice(-2) as [string, string];
  };
  /** One after the other, on a link with a round trip of 40 ms that carries a byte in so many milliseconds. */
  const carry = (count: number, msPerByte: number, startMs = 0) => {
    let nowMs = startMs;
    for (let i = 0; i < count; i++) {
      const [first, last] = send('earlier', 1000, nowMs);
      link.onPong(first, nowMs + 40);
      nowMs += 40 + 1000 * msPerByte;
      link.onPong(last, nowMs);
    }
    return nowMs;
  };
  return { socket, link, send, carry };
}

test('a ping goes before and after what is sent', () => {
  const { socket, link } = make();
  link.send('picture', 1000, 0, () => assert.equal(socket.pings.length, 1));
  assert.equal(socket.pings.length, 2);
  assert.notEqual(socket.pings[0], socket.pings[1]);
});

test('the link was occupied from one pong to the other, whatever the round trip is', () => {
  const { link, send } = make();
  const [first, last] = send('picture', 5000, 100);
  assert.deepEqual(link.onPong(first, 160), []);
  assert.deepEqual(link.onPong(last, 260), [{ cargo: 'picture', bytes: 5000, takenMs: 100, deliveryMs: 130 }]);
  assert.equal(link.msPerByte, 0.02);
});

test('a pong that is no answer to a ping changes nothing', () => {
  const { link, send } = make();
  send('picture', 5000, 100);
  for (const payload of ['', ' ', 'x', '-1', '0']) assert.deepEqual(link.onPong(payload, 160), []);
  assert.equal(link.isFree(161), false);
});

test('a viewer may answer the newest ping only', () => {
  const { link, send, carry } = make();
  const nowMs = carry(1, 0.01);
  send('first', 1000, nowMs);
  const [, last] = send('second', 1000, nowMs + 1);
  // Had the link been free, the first pong would have come after a usual round trip, at most 80 ms with one to go by.
  assert.deepEqual(
    link.onPong(last, nowMs + 200).map(({ cargo, takenMs }) => [cargo, takenMs]),
    [
      ['first', 120],
      ['second', 0],
    ],
  );
  assert.equal(link.isFree(nowMs + 200), true);
});

test('the answer to a heartbeat stands for all that was sent before it', () => {
  const { socket, link, send } = make();
  send('picture', 1000, 0);
  link.beat();
  assert.deepEqual(
    link.onPong(socket.pings.at(-1)!, 50).map(({ cargo }) => cargo),
    ['picture'],
  );
});

test('before anything was measured only one thing is on the way', () => {
  const { link, send } = make();
  assert.equal(link.isFree(0), true);
  const [first, last] = send('picture', 1000, 0);
  link.onPong(first, 10);
  assert.equal(link.isFree(1000), false);
  assert.equal(link.freeAtMs(1000), Infinity);
  link.onPong(last, 1010);
  assert.equal(link.isFree(1010), true);
});

test('a probe is a first measurement, with answers to two pings only', () => {
  const { socket, link } = make();
  link.probe('probe', 0);
  assert.equal(socket.pings.length, 2);
  assert.equal(link.isFree(1), false);
  link.onPong(socket.pings[0]!, 40);
  const [arrival] = link.onPong(socket.pings[1]!, 140);
  assert.equal(arrival?.cargo, 'probe');
  assert.equal(link.msPerByte, 100 / arrival.bytes);
  assert.equal(socket.pongs, arrival.bytes / 125, 'what makes it large is not answered');
});

test('the next may be sent when the last one must have been carried, while its pong is on the way', () => {
  const { link, send, carry } = make();
  const nowMs = carry(20, 0.01);
  send('picture', 1000, nowMs);
  assert.equal(link.isFree(nowMs + 9), false);
  assert.ok(Math.abs(link.freeAtMs(nowMs + 9) - (nowMs + 10)) < 1e-6);
  assert.equal(link.isFree(nowMs + 11), true);
  send('next', 1000, nowMs + 11);
  assert.equal(link.isFree(nowMs + 12), false);
});

test('nothing is sent while a pong is overdue, since the link is slower than thought', () => {
  const { link, send, carry } = make();
  const nowMs = carry(40, 0.01);
  const [first, last] = send('picture', 1000, nowMs);
  assert.equal(link.isFree(nowMs + 45), true);
  assert.equal(link.isFree(nowMs + 60), false);
  assert.equal(link.freeAtMs(nowMs + 60), Infinity, 'only a pong can tell');
  link.onPong(first, nowMs + 100);
  assert.equal(link.isFree(nowMs + 100), false);
  link.onPong(last, nowMs + 500);
  assert.equal(link.isFree(nowMs + 500), true);
});

test('nothing is sent after something that the kernel has not even taken', () => {
  const { socket, link, send, carry } = make();
  const nowMs = carry(20, 0.01);
  send('picture', 1000, nowMs);
  socket.bufferedAmount = 1;
  assert.equal(link.isFree(nowMs + 20), false);
});

test('what has not arrived occupies the link since the first pong, or since that should have come', () => {
  const { link, send, carry } = make();
  assert.equal(link.oldest, undefined);
  const nowMs = carry(40, 0.01);
  const [first] = send('picture', 1000, nowMs);
  const expectedAtMs = link.oldest!.occupiedSinceMs;
  assert.ok(expectedAtMs >= nowMs + 40 && expectedAtMs < nowMs + 50, `${expectedAtMs - nowMs}`);
  link.onPong(first, nowMs + 42);
  assert.deepEqual(link.oldest, { cargo: 'picture', occupiedSinceMs: nowMs + 42 });
});

test('the shortest round trip is forgotten when the way has become longer', () => {
  const roundTrip = new RoundTrip();
  assert.equal(roundTrip.shortestMs, undefined);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 100) roundTrip.add(20, nowMs);
  for (let nowMs = 10_000; nowMs < 15_000; nowMs += 100) roundTrip.add(80, nowMs);
  assert.equal(roundTrip.shortestMs, 20);
  for (let nowMs = 15_000; nowMs < 31_000; nowMs += 100) roundTrip.add(80, nowMs);
  assert.equal(roundTrip.shortestMs, 80);
  assert.ok(Math.abs(roundTrip.longestMs! - 80) < 1);
});

test('what is unusual for a round trip depends on how they differ', () => {
  const [steady, jittery] = [new RoundTrip(), new RoundTrip()];
  for (let i = 0; i < 100; i++) {
    steady.add(50, i);
    jittery.add(i % 2 ? 20 : 80, i);
  }
  assert.ok(steady.longestMs! < 51);
  assert.ok(jittery.longestMs! > 90);
});
