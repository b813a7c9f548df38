import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atLeast, atMost, goalTable, verdictOn } from '../../bench/support/goals.js';
import { lineThrough, type Point } from '../../bench/support/line.js';
import { plot } from '../../bench/support/plot.js';
import { table } from '../../bench/support/report.js';
import { percentile, shownPercentiles } from '../../bench/support/statistics.js';

function assertNear(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) < 1e-9, `Expected ${expected} but it is ${value}`);
}

describe('lineThrough', () => {
  it('finds a line that points are on', () => {
    const { base, slope, furthest } = lineThrough([1, 10, 100, 1000].map((x) => [x, 3 + 0.25 * x] as const));
    for (const [value, expected] of [
      [base, 3],
      [slope, 0.25],
      [furthest, 0],
    ] as const)
      assertNear(value, expected);
  });

  it('takes the small points as seriously as the large ones', () => {
    const points: readonly Point[] = [
      [1, 1],
      [10, 10],
      [100, 100],
      [1000, 1300],
    ];
    const { slope, furthest } = lineThrough(points);
    assert.ok(slope > 1 && slope < 1.15, `Expected a slope near 1 but it is ${slope}`);
    assert.ok(furthest > 0.1, `Expected a point that is off the line but all are within ${furthest}`);
  });
});

describe('percentile', () => {
  const upTo100 = Array.from({ length: 100 }, (_, i) => 100 - i);
  it('is the nearest rank', () => {
    assert.deepEqual(
      [0, 0.5, 0.99, 1].map((share) => percentile(upTo100, share)),
      [1, 50, 99, 100],
    );
    assert.equal(percentile([7], 0.99), 7);
  });

  it('is shown as a table has it', () => {
    assert.equal(shownPercentiles(upTo100, 0.05, 0.5), '5.0 / 50');
    assert.equal(shownPercentiles([], 0.5), '-');
  });
});

describe('a table', () => {
  it('is Markdown', () => {
    assert.equal(table(['a', 'b'], [['1', '2']]), '| a | b |\n| --- | --- |\n| 1 | 2 |');
  });

  it('has goals beside what was measured, to three digits', () => {
    const rows = goalTable([
      atMost(1.08, 'times', 'CPU', 1.0849),
      atMost(28, 'ms', 'age', 28),
      atLeast(0.8, '', 'share', 0.75),
      atMost(60, 's', 'return', percentile([], 0.5)),
    ]).split('\n');
    assert.deepEqual(rows.slice(2), [
      '| CPU | at most 1.08 times | 1.08 times | **missed** |',
      '| age | at most 28 ms | 28 ms | reached |',
      '| share | at least 0.8 | 0.75 | **missed** |',
      '| return | at most 60 s | - | not measured |',
    ]);
  });

  it('does not take what compares with nothing for reached', () => {
    assert.equal(verdictOn(atMost(1, '', 'ratio', 0 / 0)), '**missed**');
  });
});

describe('a plot', () => {
  it('has every point with its value, and a line through them', () => {
    const points: readonly Point[] = [
      [1, 0.5],
      [10, 5],
      [100, 50],
    ];
    const svg = plot([{ name: 'slope', points, line: lineThrough(points) }], { title: 'CPU', x: 'cameras', y: '%' });
    const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [first, second, third] = circles.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    assert.ok(first && second && third && circles.length === 3);
    // Tenfold is the same way on both logarithmic axes, and the line goes through all three.
    assert.ok(Math.abs(third.x - second.x - (second.x - first.x)) < 0.2);
    assert.ok(Math.abs(third.y - second.y - (second.y - first.y)) < 0.2);
    const line = /<polyline points="([^"]+)"/.exec(svg)![1]!.split(' ');
    assert.equal(line[0], `${first.x},${first.y}`);
    assert.equal(line.at(-1), `${third.x},${third.y}`);
    for (const label of ['CPU', 'cameras', '0.5', '50', 'slope']) assert.ok(svg.includes(`>${label}<`), label);
  });
});
