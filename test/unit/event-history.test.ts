import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraEvent } from '../../services/cameras/camera-events.js';
import { EventHistory } from '../../services/cameras/event-history.js';

function event(id: string): CameraEvent {
  return { id, type: 'up', camera: 'front', atMs: 0 };
}

function idsAfter(history: EventHistory, position: string): string[] | undefined {
  return history.after(position)?.map(({ id }) => id);
}

test('what came after an event is known, in order', () => {
  const history = new EventHistory();
  const begin = history.position;
  assert.deepEqual(idsAfter(history, begin), []);
  for (const id of ['a', 'b', 'c']) history.add(event(id));
  assert.deepEqual(idsAfter(history, begin), ['a', 'b', 'c']);
  assert.deepEqual(idsAfter(history, 'b'), ['c']);
  assert.deepEqual(idsAfter(history, history.position), []);
  assert.equal(history.after('z'), undefined);
});

test('so many are kept, and the one before them is remembered', () => {
  const history = new EventHistory(2);
  const begin = history.position;
  for (const id of ['a', 'b', 'c', 'd']) history.add(event(id));
  assert.equal(history.after(begin), undefined);
  assert.equal(history.after('a'), undefined);
  assert.deepEqual(idsAfter(history, 'b'), ['c', 'd']);
});
