import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsAt, LOWEST_RUNG, relativeBytes, type LiveLimits } from '../../services/jpeg/rungs.js';

const HD = { width: 1280, height: 720 };
const RUNGS = Array.from({ length: LOWEST_RUNG + 1 }, (_, rung) => rung);

/** Asked for, and the camera's size. */
const CASES: readonly (readonly [LiveLimits, { width: number; height: number }])[] = [
  [{}, HD],
  [{}, { width: 3840, height: 2160 }],
  [{}, { width: 1080, height: 1920 }],
  [{ width: 320, height: 200, quality: 90 }, HD],
  [{ height: 480, fps: 10 }, HD],
  [{ width: 100 }, HD],
  [
    { quality: 20, fps: 1 },
    { width: 352, height: 288 },
  ],
];

test('rung 0 is what was asked for', () => {
  for (const [asked, source] of CASES) assert.deepEqual(limitsAt(0, asked, source), asked);
});

test('quality goes first, then size, then rate', () => {
  assert.deepEqual(
    RUNGS.map((rung) => limitsAt(rung, {}, HD)),
    [
      {},
      { quality: 60 },
      { quality: 45 },
      ...[960, 640, 480, 320, 240, 240, 240, 240].map((width) => ({ width, quality: 45 })),
      { width: 240, quality: 45, fps: 12 },
      { width: 240, quality: 45, fps: 8 },
      { width: 240, quality: 45, fps: 5 },
      { width: 160, quality: 45, fps: 5 },
      { width: 160, quality: 45, fps: 3 },
    ],
  );
});

test('no rung gives more than was asked for, and none more than the one before', () => {
  for (const [asked, source] of CASES) {
    for (const rung of RUNGS.slice(1)) {
      const [before, now] = [limitsAt(rung - 1, asked, source), limitsAt(rung, asked, source)];
      assert.ok(relativeBytes(now, source) <= relativeBytes(before, source));
      assert.ok((now.fps ?? Infinity) <= (before.fps ?? Infinity));
      assert.ok((now.quality ?? 100) <= (asked.quality ?? 100));
      assert.ok((now.width ?? source.width) <= (asked.width ?? source.width));
    }
  }
});

test('viewers who asked for different sizes want the same further down', () => {
  const at = (rung: number, width: number) => limitsAt(rung, { width, height: 2000 }, { width: 1920, height: 1080 });
  assert.deepEqual(at(4, 1280), { width: 640, quality: 45 });
  assert.deepEqual(at(4, 1200), at(4, 1280));
  assert.deepEqual(at(5, 1920), at(4, 1280));
});

test('a small picture is not made smaller than a picture can be, but comes less often', () => {
  assert.deepEqual(limitsAt(LOWEST_RUNG, { width: 100 }, HD), { width: 100, quality: 45, fps: 3 });
});

test('a low quality that was asked for stays', () => {
  assert.equal(limitsAt(2, { quality: 20 }, HD).quality, 20);
});

test('bytes are in proportion to pixels and quality', () => {
  const ratio = (limits: LiveLimits) => relativeBytes(limits, HD) / relativeBytes({}, HD);
  assert.equal(ratio({ quality: 80 }), 1, 'as when none is asked for');
  assert.equal(ratio({ width: 2000, height: 720 }), 1, 'nothing is enlarged');
  assert.equal(ratio({ height: 360 }), ratio({ width: 640 }));
  // Measured with libjpeg-turbo over test pictures of several kinds.
  for (const [limits, measured] of [
    [{ width: 640 }, 0.33],
    [{ width: 320 }, 0.115],
    [{ quality: 60 }, 0.61],
    [{ quality: 45 }, 0.5],
    [{ quality: 90 }, 1.55],
  ] as const) {
    assert.ok(Math.abs(ratio(limits) / measured - 1) < 0.1, `${JSON.stringify(limits)}: ${ratio(limits)}`);
  }
});
