import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetryLaterError } from '../../services/errors.js';
import { PictureWork } from '../../services/jpeg/picture-work.js';

const NOT_MADE = (): boolean => false;

/** Work that lasts until it is told to end. */
class Job {
  end: () => void = () => undefined;
  hasBegun = false;

  readonly begin = (): Promise<Buffer> => {
    this.hasBegun = true;
    return new Promise((resolve) => (this.end = () => resolve(Buffer.alloc(0))));
  };
}

test('what would begin beyond the limit is refused, and has not begun', async () => {
  const work = new PictureWork(2);
  const [one, two, three] = [new Job(), new Job(), new Job()];
  const running = [work.decode('a', NOT_MADE, one.begin), work.decode('b', NOT_MADE, two.begin)];
  await assert.rejects(work.decode('c', NOT_MADE, three.begin), (error: RetryLaterError) => {
    assert.deepEqual([error.code, error.statusCode, error.retryAfterS], ['ERR_OVERLOADED', 503, 1]);
    return true;
  });
  assert.equal(three.hasBegun, false);
  one.end();
  await running[0];
  const later = work.decode('c', NOT_MADE, three.begin);
  assert.equal(three.hasBegun, true);
  for (const job of [two, three]) job.end();
  await Promise.all([...running, later]);
});

test('requests for the same picture are one piece of work, to the last of them', async () => {
  const work = new PictureWork(1);
  const [first, second, other] = [new Job(), new Job(), new Job()];
  const running = [work.decode('a', NOT_MADE, first.begin), work.decode('a', NOT_MADE, second.begin)];
  first.end();
  await running[0];
  await assert.rejects(work.decode('b', NOT_MADE, other.begin), { code: 'ERR_OVERLOADED' });
  second.end();
  await running[1];
  assert.equal(work.isFull, false);
});

test('what is made already is no work', async () => {
  const work = new PictureWork(1);
  const [job, lookup] = [new Job(), new Job()];
  const running = work.decode('a', NOT_MADE, job.begin);
  const joined = work.decode('b', () => true, lookup.begin);
  assert.equal(lookup.hasBegun, true);
  for (const { end } of [job, lookup]) end();
  await Promise.all([running, joined]);
});

test('encodes take room, but are never refused', async () => {
  const work = new PictureWork(1);
  const jobs = [new Job(), new Job()];
  const encode = work.counted((job: Job) => job.begin());
  const running = jobs.map((job) => encode(job));
  assert.ok(jobs.every(({ hasBegun }) => hasBegun));
  await assert.rejects(work.decode('a', NOT_MADE, new Job().begin), { code: 'ERR_OVERLOADED' });
  for (const job of jobs) job.end();
  await Promise.all(running);
  assert.equal(work.isFull, false);
});

test('work that fails gives its place back', async () => {
  const work = new PictureWork(1);
  const fail = (): Promise<Buffer> => Promise.reject(new Error('No memory'));
  await assert.rejects(work.decode('a', NOT_MADE, fail), { message: 'No memory' });
  await assert.rejects(work.counted(fail)(), { message: 'No memory' });
  assert.equal(work.isFull, false);
});
