import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { QualityLadder, type Demand } from '../../services/jpeg/quality-ladder.js';
import { seededRandom } from '../../simulator/seeded-random.js';
import { SimulatedViewer } from '../support/simulated-viewer.js';

/** What is random is random by this seed; another one is as good. */
const SEED = Number(process.env.LADDER_SEED ?? 1);

/** Each rung has half the bytes of the one before. */
const SIZES = [64, 32, 16, 8, 4, 2, 1];

function make({ demandAt = halving(25) }: { demandAt?: (rung: number) => Demand } = {}) {
  const ladder = new QualityLadder(SIZES.length - 1, demandAt);
  let nowMs = 0;
  /** Pictures of the rung of now arrive, 40 ms apart, each after so many milliseconds for a unit. */
  const carry = (count: number, msPerUnit: number) => {
    for (let i = 0; i < count; i++) {
      nowMs += 40;
      const size = SIZES[ladder.rung]!;
      ladder.arrived({ rung: ladder.rung, size, takenMs: size * msPerUnit }, nowMs);
    }
  };
  return { ladder, carry, wait: (ms: number) => (nowMs += ms), now: () => nowMs };
}

function halving(fps: number): (rung: number) => Demand {
  return (rung) => ({ perSecond: SIZES[rung]! * fps, largestPicture: SIZES[rung]! });
}

describe('one step', () => {
  test('a link with room changes nothing', () => {
    const { ladder, carry } = make();
    carry(100, 0.3);
    assert.equal(ladder.rung, 0);
  });

  test('a link that is flooded takes the ladder down at once, as far as the first picture says', () => {
    const { ladder, carry } = make();
    // 25 pictures of 64 units take 6.4 s of every second; of 4 units, 0.4.
    carry(1, 4);
    assert.equal(ladder.rung, 3);
  });

  test('a link that is hardly too slow takes it down when it lasts', () => {
    const { ladder, carry } = make();
    carry(50, 0.55);
    assert.equal(ladder.rung, 0);
    carry(1, 1);
    assert.equal(ladder.rung, 0, 'one picture that took longer is nothing');
    carry(100, 0.75);
    assert.equal(ladder.rung, 1);
  });

  test('a picture that has not arrived takes it down as soon as it is too late', () => {
    const { ladder, carry, wait, now } = make();
    carry(20, 0.1);
    const rungs = [150, 800, 2800].map((takenMs, index, all) => {
      wait(takenMs - (all[index - 1] ?? 0));
      ladder.delayed({ size: 64, takenMs }, now());
      return ladder.rung;
    });
    assert.equal(rungs[0], 0);
    assert.ok(rungs[1]! >= 3, `Expected a rung far below but they are ${rungs.join()}`);
    assert.ok(rungs[2]! > rungs[1]!, 'the longer the later');
  });

  test('pictures that come seldom count by how long each takes', () => {
    const { ladder, carry } = make({ demandAt: halving(0.5) });
    // 13 units of a second for two seconds of pictures, but 900 ms for each.
    carry(1, 14);
    assert.equal(ladder.rung, 3);
  });

  test('it goes up a few rungs at a time, after pictures of each', () => {
    const { ladder, carry, wait } = make();
    carry(1, 4);
    assert.equal(ladder.rung, 3);
    wait(1000);
    carry(1, 0.01);
    assert.equal(ladder.rung, 3, 'one picture proves nothing');
    const rungs = new Set<number>();
    for (let i = 0; i < 50; i++) {
      carry(1, 0.01);
      rungs.add(ladder.rung);
    }
    assert.deepEqual([...rungs], [3, 2, 1, 0]);
  });

  test('without demand nothing changes, since nothing can be proved', () => {
    let demand = halving(25);
    const { ladder, carry, wait } = make({ demandAt: (rung) => demand(rung) });
    carry(1, 4);
    demand = () => ({ perSecond: 0, largestPicture: 0 });
    wait(5000);
    carry(10, 0.01);
    assert.equal(ladder.rung, 3);
  });

  test('a link that lets bursts pass does not make it go up and down for ever', () => {
    // Small pictures go through the shaper's bucket, larger ones wait for its tokens: measured below, all is well.
    const { ladder, now, wait } = make();
    const stepsUpAtMs: number[] = [];
    let before = 0;
    while (now() < 300_000) {
      wait(40);
      const size = SIZES[ladder.rung]!;
      ladder.arrived({ rung: ladder.rung, size, takenMs: size > 8 ? size * 3 : size * 0.1 }, now());
      if (ladder.rung < before) stepsUpAtMs.push(now());
      before = ladder.rung;
    }
    assert.ok(stepsUpAtMs.length >= 2 && stepsUpAtMs.length <= 8, `It stepped up at ${stepsUpAtMs.join()}`);
    assert.ok(stepsUpAtMs.filter((atMs) => atMs > 20_000).length <= 2, `It stepped up at ${stepsUpAtMs.join()}`);
  });
});

describe('over simulated links', () => {
  const random = seededRandom(SEED);
  /** From `least` to `most`, as likely to be in any part of it that is so many times as large as another. */
  const between = (least: number, most: number) => least * (most / least) ** random();
  const oneOf = (values: readonly number[]) => values[Math.floor(random() * values.length)]!;

  for (let run = 1; run <= 40; run++) {
    const kbps = between(100, 1_000_000);
    const link = { bytesPerMs: kbps / 8, roundTripMs: random() * 200, jitterMs: random() * 20 };
    const width = oneOf([640, 1280, 1920, 3840]);
    const bytes = 110_000 * (width / 1280) ** 1.6 * (0.5 + random());
    const scene = { fps: oneOf([5, 10, 15, 25, 30]), width, height: (width * 9) / 16, bytes };

    const facts = `${kbps.toFixed()} kbit/s, ${link.roundTripMs.toFixed()} ms, ${width} wide at ${scene.fps}`;
    test(`at a constant bandwidth it settles, and pictures are new: seed ${SEED}, run ${run}, ${facts}`, () => {
      const viewer = new SimulatedViewer(SEED * 1000 + run, link);
      viewer.watch(scene);
      viewer.run(75_000);
      const late = viewer.rungs.filter(({ atMs }) => atMs > 15_000);
      assert.ok(late.length <= 2, `Expected it to have settled but it went ${JSON.stringify(late)}`);
      const arrived = viewer.arrivedSince(5000);
      assert.ok(arrived.length > 70 * 2, `Expected pictures but there were ${arrived.length}`);
      const ages = arrived.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
      const p95 = ages[Math.floor(ages.length * 0.95)]!;
      const most = kbps < 300 ? 700 : 500;
      assert.ok(p95 < most, `Expected pictures younger than ${most} ms but p95 is ${p95} ms`);
    });
  }

  for (let run = 1; run <= 16; run++) {
    const low = between(300, 8000);
    const link = { bytesPerMs: 12_500, roundTripMs: random() * 100, jitterMs: random() * 5 };
    const dropMs = between(2000, 30_000);
    const facts = `${low.toFixed()} kbit/s for ${(dropMs / 1000).toFixed()} s, ${link.roundTripMs.toFixed()} ms`;
    test(`5 s after a drop it is at the top again: seed ${SEED}, run ${run}, ${facts}`, () => {
      const viewer = new SimulatedViewer(SEED * 2000 + run, link);
      viewer.watch();
      viewer.run(20_000);
      assert.equal(viewer.rung, 0);
      viewer.change({ bytesPerMs: low / 8 });
      viewer.run(dropMs);
      assert.notEqual(viewer.rung, 0);
      viewer.change({ bytesPerMs: link.bytesPerMs });
      viewer.run(5000);
      assert.equal(viewer.rung, 0, JSON.stringify(viewer.rungs));
    });
  }

  test('a viewer on 300 kbit/s is shown its first picture within half a second, however large the camera’s are', () => {
    for (const bytes of [50_000, 150_000, 300_000]) {
      const viewer = new SimulatedViewer(SEED, { bytesPerMs: 37.5, roundTripMs: 60 });
      viewer.watch({ bytes });
      viewer.run(5000);
      const [first] = viewer.arrived;
      assert.ok(first && first.atMs < 700 && first.ageMs < 500, JSON.stringify(first));
    }
  });
});
