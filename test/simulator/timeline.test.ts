import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Timeline } from '../../simulator/timeline.js';
import { syntheticClip } from './synthetic-clip.js';

/** 10 ms a frame, 120 ms in all, keyframes at 0, 4 and 8. */
const CLIP = syntheticClip({ accessUnits: 12, gop: 4, fps: 100 });

describe('Timeline', () => {
  test('goes on from loop to loop', () => {
    const timeline = new Timeline(CLIP, 1000, 0);
    for (let count = 0; count < 12; count++) {
      assert.equal(timeline.dueMs, 1000 + 10 * count);
      assert.deepEqual(timeline.take(), { index: count, loopTicks: 0 });
    }
    assert.equal(timeline.dueMs, 1120);
    assert.deepEqual(timeline.take(), { index: 0, loopTicks: 12 * 900 });
  });

  test('a phase begins inside the clip, and may be longer than it', () => {
    const timeline = new Timeline(CLIP, 1000, 120 + 34);
    assert.equal(timeline.dueMs, 1006);
    assert.deepEqual(timeline.take(), { index: 4, loopTicks: 0 });
  });

  test('a phase after the last access unit begins with the next loop', () => {
    const timeline = new Timeline(CLIP, 1000, 115);
    assert.equal(timeline.dueMs, 1005);
    assert.deepEqual(timeline.take(), { index: 0, loopTicks: 12 * 900 });
  });

  test('finds the next keyframe and the next other access unit, over the loop too', () => {
    const timeline = new Timeline(CLIP, 0, 85);
    assert.equal(timeline.nextPresentationTicks(true), 12 * 900);
    assert.equal(timeline.nextPresentationTicks(false), 9 * 900);
  });

  test('tells which picture is captured now', () => {
    const timeline = new Timeline(CLIP, 1000, 0);
    assert.equal(timeline.captureTicks(1015), 1350);
  });

  test('resumes without catching up', () => {
    const timeline = new Timeline(CLIP, 1000, 0);
    timeline.take();
    timeline.resumeAt(9000);
    assert.equal(timeline.dueMs, 9000);
    assert.equal(timeline.take().index, 1);
    assert.equal(timeline.dueMs, 9010);
  });
});
