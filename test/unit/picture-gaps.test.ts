import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PictureGaps } from '../../services/http/picture-gaps.js';

const NOW_MS = Date.UTC(2026, 0, 2);

describe('pictures that a viewer was not sent', () => {
  test('are those between two that it was', () => {
    const gaps = new PictureGaps('on-demand');
    const sequences = [7, 8, 12, 13];
    assert.deepEqual(
      sequences.map((sequence) => gaps.sent(sequence, undefined, NOW_MS)),
      [0, 0, 3, 0],
    );
  });

  test('are none where it wanted none, or the camera gave none', () => {
    const gaps = new PictureGaps('on-demand');
    gaps.sent(1, undefined, NOW_MS);
    gaps.interrupt();
    assert.equal(gaps.sent(100, undefined, NOW_MS), 0);
  });

  const cases: [what: string, sequence: number, afterMs: number, dropped: number][] = [
    ['the next slot', 6, 200, 0],
    ['a slot that was left out', 11, 400, 1],
    ['a camera that gave fewer than were asked for', 2, 1000, 0],
    ['a camera that paused in between', 3, 1000, 1],
    ['two pictures in one slot, after the limit was changed', 2, 40, 0],
  ];
  for (const [what, sequence, afterMs, dropped] of cases) {
    test(`do not count beyond the rate that was asked for: ${what}`, () => {
      const gaps = new PictureGaps('on-demand');
      gaps.sent(1, 5, NOW_MS);
      assert.equal(gaps.sent(sequence, 5, NOW_MS + afterMs), dropped);
    });
  }

  test('are not to be told where only keyframes are decoded', () => {
    const gaps = new PictureGaps('keyframes');
    gaps.sent(1, undefined, NOW_MS);
    assert.equal(gaps.sent(51, undefined, NOW_MS), 0);
  });
});
