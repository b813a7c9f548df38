import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importWebModule } from '../support/web-modules.js';

interface Known {
  readonly camera?: { readonly state: string; readonly cause?: object } | null;
  readonly cause?: object | null;
  readonly ageMs?: number;
  readonly intervalMs?: number;
  readonly isPaused?: boolean;
}

interface Status {
  readonly name: string;
  readonly cause: object | null;
}

const { StatusJudge } = await importWebModule<{
  StatusJudge: new () => { judge: (known: Known, now: number) => Status };
}>('viewer/camera-status.js');

const cause = { code: 'ERR_STREAM_STALLED', message: 'No data from the camera for 10 s' };
const live = { state: 'live' };

describe('what a viewer is told of a camera', () => {
  const cases: [what: string, known: Known, expected: Status][] = [
    ['nothing is known', {}, { name: 'connecting', cause: null }],
    ['the server does not answer', { cause, ageMs: 50 }, { name: 'down', cause }],
    [
      'the camera is tried for the first time',
      { camera: { state: 'connecting' } },
      { name: 'connecting', cause: null },
    ],
    ['it is tried again', { camera: { state: 'connecting', cause } }, { name: 'down', cause }],
    ['it waits for the next try', { camera: { state: 'backingOff', cause }, ageMs: 50 }, { name: 'down', cause }],
    ['its first picture is on its way', { camera: live }, { name: 'connecting', cause: null }],
    ['pictures come', { camera: live, ageMs: 50 }, { name: 'live', cause: null }],
    [
      'it lost packets just now',
      { camera: { state: 'awaitingKeyframe', cause }, ageMs: 2900 },
      { name: 'live', cause: null },
    ],
  ];
  for (const [what, known, expected] of cases) {
    it(`is ${expected.name} when ${what}`, () => {
      const judge = new StatusJudge();
      assert.deepEqual(
        judge.judge({ camera: null, cause: null, intervalMs: 40, isPaused: false, ...known }, 0),
        expected,
      );
    });
  }

  function judgeOver(intervalMs: number) {
    const judge = new StatusJudge();
    return (now: number, known: Known) =>
      judge.judge({ cause: null, intervalMs, isPaused: false, camera: live, ...known }, now).name;
  }

  it('is stale when no picture follows, soon for many a second and later for one every few seconds', () => {
    for (const [intervalMs, staleAfterMs] of [
      [40, 3000],
      [5000, 10_000],
      [60_000, 15_000],
    ] as const) {
      const judge = judgeOver(intervalMs);
      judge(0, { ageMs: 10 });
      assert.equal(judge(60_000, { ageMs: staleAfterMs - 1 }), 'live');
      assert.equal(judge(60_001, { ageMs: staleAfterMs }), 'stale');
    }
  });

  it('is not stale for pictures that nobody asked for, and connecting until they come again', () => {
    const judge = judgeOver(40);
    judge(0, { ageMs: 10 });
    assert.equal(judge(60_000, { ageMs: 60_010, isPaused: true }), 'live');
    assert.equal(judge(60_100, { ageMs: 60_110 }), 'connecting');
    assert.equal(judge(63_099, { ageMs: 63_109 }), 'connecting');
    assert.equal(judge(63_100, { ageMs: 63_110 }), 'stale');
    assert.equal(judge(63_200, { ageMs: 30 }), 'live');
  });

  it('is connecting, not stale, when a camera that was down has just come back', () => {
    const judge = judgeOver(40);
    judge(0, { ageMs: 10 });
    assert.equal(judge(20_000, { ageMs: 20_010, camera: { state: 'backingOff', cause } }), 'down');
    assert.equal(judge(20_100, { ageMs: 20_110 }), 'connecting');
  });
});
