import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatSpan } from '../../services/time-span.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

for (const [ms, text] of [
  [-5, '0.0 s'],
  [0, '0.0 s'],
  [249, '0.2 s'],
  [9999, '9.9 s'],
  [10_000, '10 s'],
  [59_999, '59 s'],
  [MINUTE_MS, '1 min'],
  [HOUR_MS - 1, '59 min'],
  [HOUR_MS, '1 h 0 min'],
  [24 * HOUR_MS - 1, '23 h 59 min'],
  [52 * HOUR_MS, '2 d 4 h'],
] as const) {
  test(`${ms} ms is ${text}`, () => assert.equal(formatSpan(ms), text));
}
