import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../simulator/seeded-random.js';
import { studentQuantile, trendOf, type Trend } from '../soak/trend.js';

const MINUTE_MS = 60_000;

function everyMinute(count: number, valueAt: (minute: number) => number): Trend {
  return trendOf(Array.from({ length: count }, (_, minute) => ({ atMs: minute * MINUTE_MS, value: valueAt(minute) })));
}

/** Independent, between -1 and 1. */
function noise(seed: number): () => number {
  const random = seededRandom(seed);
  return () => 2 * random() - 1;
}

/** Each value is near the one before, as what a process holds is. */
function slowNoise(seed: number): () => number {
  const fast = noise(seed);
  let value = 0;
  return () => (value = 0.9 * value + fast());
}

function isFlat({ perHour, margin }: Trend): boolean {
  return Math.abs(perHour) <= margin;
}

describe('trendOf', () => {
  it('has the slope of a line, with little doubt', () => {
    const { perHour, margin } = everyMinute(20, (minute) => 5 + minute + (minute % 2) / 100);
    assert.ok(Math.abs(perHour - 60) < 0.05, `Expected 60 but it is ${perHour}`);
    assert.ok(margin < 0.05, `Expected little doubt but it is ${margin}`);
  });

  it('has no slope for what never changes', () => {
    assert.deepEqual(
      everyMinute(10, () => 24),
      { perHour: 0, margin: 0 },
    );
  });

  it('sees a small leak through noise', () => {
    const at = noise(1);
    const trend = everyMinute(120, (minute) => 100 + minute * 0.05 + at());
    assert.ok(Math.abs(trend.perHour - 3) < trend.margin);
    assert.equal(isFlat(trend), false);
  });

  it('is mistaken about noise that has no trend one time in a hundred, be it fast or slow', () => {
    for (const kind of [noise, slowNoise]) {
      const trends = Array.from({ length: 500 }, (_, seed) => {
        const at = kind(seed);
        return everyMinute(600, () => at());
      });
      const mistakes = trends.filter((trend) => !isFlat(trend)).length;
      assert.ok(mistakes < 15, `Expected about 5 mistakes in 500 but there are ${mistakes} for ${kind.name}`);
    }
  });

  it('knows when it cannot know', () => {
    assert.equal(everyMinute(4, (minute) => minute ** 2).margin, Infinity);
  });
});

describe('studentQuantile', () => {
  for (const [freedom, quantile] of [
    [3, 5.841],
    [5, 4.032],
    [10, 3.169],
    [30, 2.75],
    [100, 2.626],
  ] as const) {
    it(`is that of the tables for ${freedom} degrees of freedom`, () => {
      assert.ok(Math.abs(studentQuantile(freedom) / quantile - 1) < 0.01);
    });
  }
});
