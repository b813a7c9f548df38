import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { JpegFeed, type LivePicture, type Seat, type Viewer } from '../../services/jpeg/jpeg-feed.js';
import { PictureCache } from '../../services/jpeg/picture-cache.js';
import { FakeStream } from '../support/fake-stream.js';
import { FakeEncoder, memoryLog } from '../support/test-app.js';

/** Takes a picture when it is told to; a quick one takes every picture at once. */
class FakeViewer implements Viewer {
  readonly shown: number[] = [];
  readonly isQuick: boolean;
  readonly seat: Seat;

  constructor(feed: JpegFeed, { isQuick = false }: { isQuick?: boolean }) {
    this.isQuick = isQuick;
    this.seat = feed.join(this);
    this.seat.take(-1);
  }

  show({ sequence }: LivePicture): void {
    this.shown.push(sequence);
    if (this.isQuick) this.take();
  }

  take(): void {
    this.seat.take(this.shown.at(-1)!);
  }
}

function make() {
  const stream = new FakeStream();
  const encoder = new FakeEncoder();
  const feed = new JpegFeed(stream, new PictureCache(encoder.encode, memoryLog().log), { quality: 80 });
  const join = (facts: { isQuick?: boolean } = {}) => {
    const viewer = new FakeViewer(feed, facts);
    return { viewer, leave: viewer.seat.leave };
  };
  return { stream, encoder, feed, join };
}

test('a viewer is shown the newest picture and every one that it can take', async () => {
  const { stream, join } = make();
  stream.receiveFrame(7);
  const { viewer } = join({ isQuick: true });
  await turn();
  stream.receiveFrame(8);
  await turn();
  stream.receiveFrame(9);
  await turn();
  assert.deepEqual(viewer.shown, [7, 8, 9]);
});

test('a slow viewer skips to the newest picture and delays nobody', async () => {
  const { stream, join } = make();
  const { viewer: quick } = join({ isQuick: true });
  const { viewer: slow } = join();
  for (let sequence = 1; sequence <= 5; sequence++) {
    stream.receiveFrame(sequence);
    await turn();
  }
  assert.deepEqual(quick.shown, [1, 2, 3, 4, 5]);
  assert.deepEqual(slow.shown, [1]);
  slow.take();
  await turn();
  assert.deepEqual(slow.shown, [1, 5], 'the newest at once, not the one after it');
  slow.take();
  await turn();
  assert.deepEqual(slow.shown, [1, 5], 'never the same twice');
});

test('a viewer that was behind is shown the newest at once, also when the others have waited meanwhile', async () => {
  const { stream, join } = make();
  const { viewer: other } = join();
  const { viewer: slow } = join();
  stream.receiveFrame(1);
  await turn();
  other.take();
  await turn();
  stream.receiveFrame(2);
  await turn();
  other.take();
  await turn();
  assert.equal(stream.waiting, 1, 'the other one waits for the third');
  slow.take();
  await turn();
  assert.deepEqual(slow.shown, [1, 2]);
});

test('a picture from before an interruption is shown to nobody after it', async () => {
  const { stream, join } = make();
  join({ isQuick: true });
  stream.receiveFrame(1);
  await turn();
  stream.become({
    name: 'awaitingKeyframe',
    sinceMs: 0,
    downSinceMs: 0,
    cause: { code: 'ERR_PACKETS_LOST', message: 'Lost 1' },
  });
  const { viewer } = join();
  await turn();
  assert.deepEqual(viewer.shown, []);
});

test('all viewers share one encode of a picture', async () => {
  const { stream, encoder, join } = make();
  const viewers = Array.from({ length: 50 }, () => join({ isQuick: true }).viewer);
  stream.receiveFrame(1);
  await turn();
  assert.ok(viewers.every(({ shown }) => shown.length === 1));
  assert.equal(encoder.encodes.length, 1);
});

test('a newcomer is shown the picture that the others see', async () => {
  const { stream, encoder, join } = make();
  join({ isQuick: true });
  stream.receiveFrame(1);
  await turn();
  const { viewer } = join();
  assert.deepEqual(viewer.shown, [1]);
  assert.equal(encoder.encodes.length, 1);
});

test('nothing is asked of the stream while no viewer can take a picture', async () => {
  const { stream, join } = make();
  const { viewer } = join();
  stream.receiveFrame(1);
  await turn();
  stream.receiveFrame(2);
  await turn();
  assert.equal(stream.asked.length, 1);
  stream.receiveFrame(3);
  viewer.take();
  await turn();
  assert.deepEqual(viewer.shown, [1, 3]);
});

test('when the last viewer leaves, nothing is encoded or kept', async () => {
  const { stream, encoder, feed, join } = make();
  const { leave } = join({ isQuick: true });
  leave();
  leave();
  assert.equal(feed.viewers, 0);
  stream.receiveFrame(1);
  await turn();
  assert.equal(encoder.encodes.length, 0);
  assert.deepEqual(stream.frames.unreleased, []);
  assert.equal(stream.listeners, 0);
});

test('a viewer that left is shown nothing more', async () => {
  const { stream, join } = make();
  const { viewer: stays } = join({ isQuick: true });
  const { viewer: leaves, leave } = join();
  stream.receiveFrame(1);
  await turn();
  leave();
  leaves.take();
  stream.receiveFrame(2);
  await turn();
  assert.deepEqual(stays.shown, [1, 2]);
  assert.deepEqual(leaves.shown, [1]);
});

test('a seat that is taken by a viewer who has seen something is given only what is newer', async () => {
  const { stream, feed } = make();
  stream.receiveFrame(4);
  const viewer = { shown: [] as number[], show: ({ sequence }: LivePicture) => void viewer.shown.push(sequence) };
  const seat = feed.join(viewer);
  seat.take(4);
  await turn();
  assert.deepEqual(viewer.shown, []);
  seat.take(3);
  stream.receiveFrame(5);
  await turn();
  assert.deepEqual(viewer.shown, [5], 'asked twice, shown once');
});

test('a picture tells the size of its frame, which a smaller picture does not show', async () => {
  const { stream, feed } = make();
  const shown: LivePicture[] = [];
  feed.join({ show: (picture) => void shown.push(picture) }).take(-1);
  stream.receiveFrame(1);
  await turn();
  assert.deepEqual(shown[0]?.source, { width: 1280, height: 720 });
});

test('the wait for a picture ends with the last who wanted it', async () => {
  const { stream, join } = make();
  const { leave: leaveFirst } = join();
  const { leave: leaveSecond } = join();
  leaveFirst();
  assert.equal(stream.asked[0]!.signal!.aborted, false);
  leaveSecond();
  assert.equal(stream.asked[0]!.signal!.aborted, true);
  const { viewer } = join();
  await turn();
  stream.receiveFrame(1);
  await turn();
  assert.deepEqual(viewer.shown, [1], 'who comes after that is served');
});

test('while the camera is down the feed asks once a change, and goes on by itself', async () => {
  const { stream, join } = make();
  const { viewer } = join({ isQuick: true });
  stream.receiveFrame(1);
  await turn();
  const askedBefore = stream.asked.length;
  stream.goDown();
  await turn();
  await turn();
  assert.ok(stream.asked.length - askedBefore <= 1, `asked ${stream.asked.length - askedBefore} times`);
  const { viewer: newcomer } = join({ isQuick: true });
  await turn();
  assert.deepEqual(newcomer.shown, [], 'no old picture of a camera that is down');
  stream.goLive();
  stream.receiveFrame(2);
  await turn();
  assert.deepEqual(viewer.shown, [1, 2]);
  assert.deepEqual(newcomer.shown, [2]);
});

test('when the last viewer of a camera that is down leaves, the feed ends', async () => {
  const { stream, join } = make();
  stream.goDown();
  const { leave } = join();
  await turn();
  assert.equal(stream.listeners, 1);
  leave();
  await turn();
  assert.equal(stream.listeners, 0);
});

test('an error without a change of state is tried again after a second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, join } = make();
  const { viewer } = join({ isQuick: true });
  stream.rejectWaiting(new StreamError('ERR_DECODE_FAILED', 'The stream could not be decoded'));
  await turn();
  assert.equal(stream.asked.length, 1);
  t.mock.timers.tick(1000);
  await turn();
  assert.equal(stream.asked.length, 2);
  stream.receiveFrame(1);
  await turn();
  assert.deepEqual(viewer.shown, [1]);
});

test('a picture that cannot be encoded is skipped', async () => {
  const { stream, encoder, join } = make();
  const { viewer } = join({ isQuick: true });
  encoder.failure = new StreamError('ERR_ENCODE_FAILED', 'No memory');
  stream.receiveFrame(1);
  await turn();
  await turn();
  assert.equal(encoder.encodes.length, 1, 'tried once');
  encoder.failure = undefined;
  stream.receiveFrame(2);
  await turn();
  assert.deepEqual(viewer.shown, [2]);
});

test('every frame is released, whatever happened to it', async () => {
  const { stream, encoder, join } = make();
  const { leave } = join({ isQuick: true });
  for (let sequence = 1; sequence <= 6; sequence++) {
    encoder.failure = sequence % 2 ? new StreamError('ERR_ENCODE_FAILED', 'No memory') : undefined;
    stream.receiveFrame(sequence);
    await turn();
  }
  leave();
  stream.receiveFrame(7);
  await turn();
  assert.ok(stream.frames.made.length >= 6);
  assert.deepEqual(stream.frames.unreleased, []);
});
