import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlat, slopeOf } from '../soak/slope.js';

const MINUTE = 60_000;

function everyMinute(values: readonly number[]) {
  return values.map((value, minute) => ({ atMs: minute * MINUTE, value }));
}

test('a leak of one a minute is sixty an hour, and not flat', () => {
  const slope = slopeOf(everyMinute([5, 6, 7, 8, 9]));
  assert.ok(Math.abs(slope.perHour - 60) < 1e-6, `Expected 60 but it is ${slope.perHour}`);
  assert.equal(isFlat(slope), false);
});

test('a small leak is seen through noise', () => {
  const values = Array.from({ length: 120 }, (_, minute) => 100 + minute * 0.1 + (minute % 2 ? 1 : -1));
  const slope = slopeOf(everyMinute(values));
  assert.ok(Math.abs(slope.perHour - 6) < 1, `Expected about 6 but it is ${slope.perHour}`);
  assert.equal(isFlat(slope), false);
});

test('noise without a leak is flat, and so is what never changes', () => {
  assert.equal(isFlat(slopeOf(everyMinute([7, 8, 7, 6, 7, 8, 7, 6, 7]))), true);
  assert.equal(isFlat(slopeOf(everyMinute([24, 24, 24, 24]))), true);
});
