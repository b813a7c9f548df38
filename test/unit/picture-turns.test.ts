import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSlotMs } from '../../services/jpeg/frame-slots.js';
import { SimulatedViewer } from '../support/simulated-viewer.js';

/** Tiles of a page: 320 pixels wide. */
const TILE = { asked: { width: 320 }, bytes: 14_000 };

function rateOf(viewer: SimulatedViewer, channel: number, sinceMs: number): number {
  const count = viewer.arrivedSince(sinceMs).filter((arrived) => arrived.channel === channel).length;
  return (count * 1000) / (viewer.time.now() - sinceMs);
}

for (const roundTripMs of [0, 20, 60, 90]) {
  test(`a fast link carries every picture over a round trip of ${roundTripMs} ms`, () => {
    const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs });
    viewer.watch();
    viewer.run(20_000);
    const sequences = viewer.arrivedSince(2000).map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => sequences[0]! + index),
    );
    const oldest = Math.max(...viewer.arrivedSince(2000).map(({ ageMs }) => ageMs));
    assert.ok(oldest < roundTripMs / 2 + 30, `${oldest} ms`);
  });
}

test('no more than three large pictures are on the way, however long it is', () => {
  const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 400 });
  viewer.watch();
  let most = 0;
  for (let i = 0; i < 2000; i++) {
    viewer.run(5);
    most = Math.max(most, viewer.onTheWay);
  }
  assert.ok(most <= 3, `${most} were`);
});

test('small pictures go at the full rate over any way', () => {
  const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 300 });
  viewer.watch(TILE);
  viewer.run(10_000);
  assert.ok(rateOf(viewer, 0, 2000) > 24);
});

test('a link that turns slow has one picture to carry before it is noticed, on a short way', () => {
  const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 5 });
  viewer.watch();
  viewer.run(10_010);
  viewer.change({ bytesPerMs: 37.5 });
  let most = 0;
  for (let i = 0; i < 200; i++) {
    viewer.run(10);
    most = Math.max(most, viewer.onTheWay);
  }
  assert.equal(most, 1);
});

for (const [kbps, tiles] of [
  [300, 4],
  [300, 16],
  [1000, 16],
  [5000, 16],
] as const) {
  test(`${tiles} tiles share ${kbps} kbit/s fairly, and none gets pictures that had to wait`, () => {
    const viewer = new SimulatedViewer(1, { bytesPerMs: kbps / 8, roundTripMs: 40 });
    for (let i = 0; i < tiles; i++) viewer.watch(TILE);
    viewer.run(30_000);
    const rates = Array.from({ length: tiles }, (_, channel) => rateOf(viewer, channel, 10_000));
    assert.ok(Math.min(...rates) > Math.max(...rates) * 0.9, `They had ${rates.join()}`);
    const oldest = Math.max(...viewer.arrivedSince(10_000).map(({ ageMs }) => ageMs));
    assert.ok(oldest < 300, `${oldest} ms`);
  });
}

test('sixteen tiles have every picture on a local network', () => {
  const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 1 });
  for (let i = 0; i < 16; i++) viewer.watch(TILE);
  viewer.run(10_000);
  for (let channel = 0; channel < 16; channel++) assert.ok(rateOf(viewer, channel, 2000) > 24);
});

test('a slow camera keeps none of the others back', () => {
  const viewer = new SimulatedViewer(1, { bytesPerMs: 37.5, roundTripMs: 40 });
  viewer.watch({ ...TILE, fps: 0.2 });
  viewer.watch(TILE);
  viewer.run(20_000);
  const alone = new SimulatedViewer(1, { bytesPerMs: 37.5, roundTripMs: 40 });
  alone.watch(TILE);
  alone.run(20_000);
  assert.ok(rateOf(viewer, 1, 5000) > rateOf(alone, 0, 5000) * 0.9);
});

test('a rate that is asked for is kept', () => {
  for (const fps of [0.5, 5, 10, 24]) {
    const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 20 });
    viewer.watch({ asked: { fps } });
    viewer.run(20_000);
    const rate = rateOf(viewer, 0, 0);
    assert.ok(Math.abs(rate - fps) <= 0.1, `Expected ${fps} a second but there were ${rate}`);
  }
});

test('viewers with the same rate want the same pictures', () => {
  const viewers = [0, 17, 55].map((lateMs) => {
    const viewer = new SimulatedViewer(1, { bytesPerMs: 12_500, roundTripMs: 10 });
    viewer.run(lateMs);
    viewer.watch({ asked: { fps: 5 } });
    viewer.run(10_000 - lateMs);
    return viewer;
  });
  // Each has a camera of its own that began to send at another time; they are shown in the same slots all the same.
  const slots = viewers.map((viewer) => viewer.arrivedSince(2000).map(({ atMs }) => Math.floor(atMs / 200)));
  assert.deepEqual(slots[1], slots[0]);
  assert.deepEqual(slots[2], slots[0]);
});

test('slots of pictures are the same for all, and without a rate there are none', () => {
  assert.equal(nextSlotMs(undefined, 1234), 1234);
  assert.equal(nextSlotMs(10, 1234), 1300);
  assert.equal(nextSlotMs(10, 1300), 1400);
  assert.equal(nextSlotMs(0.1, 1300), 10_000);
});
