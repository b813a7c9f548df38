import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decodeJpeg } from '../support/picture.js';
import { startTestApp } from '../support/test-app.js';

test('all cameras when none are named, with how far the ages in the sheet have grown', async (t) => {
  const { app, streams } = await startTestApp(t);
  for (const stream of Object.values(streams)) stream.goDown();
  const answer = await app.inject('/mosaic.jpg?width=640');
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-type'], 'image/jpeg');
  assert.equal(answer.headers['cache-control'], 'private, no-cache');
  assert.match(String(answer.headers['x-mosaic-age-ms']), /^\d+$/);
  const { width, height } = await decodeJpeg(answer.rawPayload);
  assert.deepEqual([width, height], [640, 179]);
});

test('the cameras that are named, in their order and as often as named', async (t) => {
  const { app, streams } = await startTestApp(t);
  for (const stream of Object.values(streams)) stream.goDown();
  const answer = await app.inject('/mosaic.jpg?cameras=yard,front,yard&width=640&columns=1');
  const { width, height } = await decodeJpeg(answer.rawPayload);
  assert.deepEqual([width, height], [640, 3 * 360 + 2 * 4]);
});

describe('what is wrong with the request is named', () => {
  const cases: [query: string, status: number, code: string, message: string][] = [
    ['cameras=front,nobody', 404, 'ERR_CAMERA_NOT_FOUND', 'No camera has the id nobody'],
    [
      'cameras=',
      400,
      'ERR_BAD_PARAMETER',
      'Expected ids with one comma between them for cameras but received an empty one',
    ],
    [
      'cameras=front,,yard',
      400,
      'ERR_BAD_PARAMETER',
      'Expected ids with one comma between them for cameras but received an empty one',
    ],
    [
      `cameras=${Array(65).fill('front').join()}`,
      400,
      'ERR_BAD_PARAMETER',
      'Expected at most 64 ids for cameras but received 65 cameras',
    ],
    ['width=159', 400, 'ERR_BAD_PARAMETER', 'Expected integer 160-4096 for width but received 159'],
    ['width=4097', 400, 'ERR_BAD_PARAMETER', 'Expected integer 160-4096 for width but received 4097'],
    ['columns=0', 400, 'ERR_BAD_PARAMETER', 'Expected integer 1-64 for columns but received 0'],
    ['columns=many', 400, 'ERR_BAD_PARAMETER', 'Expected integer 1-64 for columns but received "many"'],
  ];
  for (const [query, status, code, message] of cases) {
    test(message, async (t) => {
      const { app, streams } = await startTestApp(t);
      const answer = await app.inject(`/mosaic.jpg?${query}`);
      assert.equal(answer.statusCode, status);
      assert.deepEqual(answer.json(), { code, message });
      assert.equal(streams.front!.asked.length, 0);
    });
  }
});
