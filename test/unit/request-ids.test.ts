import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { requestIds } from '../../services/http/request-ids.js';
import { startTestApp } from '../support/test-app.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function from(remoteAddress: string | undefined, id: string): IncomingMessage {
  return { headers: { 'x-request-id': id }, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('the id of a request', () => {
  const given = '0af7651916cd43dd8448eb211c80319c';
  const idOf = requestIds(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);

  for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1']) {
    test(`is what the trusted proxy at ${peer} says`, () => {
      assert.equal(idOf(from(peer, given)), given);
    });
  }

  for (const peer of ['11.1.2.3', '192.0.2.8', 'fe80::1', '::1', undefined]) {
    test(`is not what ${peer ?? 'who is gone'} says`, () => {
      assert.match(idOf(from(peer, given)), UUID);
    });
  }

  for (const strange of ['', 'a b', 'a\nb', '{"level":60}', 'x'.repeat(129)]) {
    test(`is none that looks like ${JSON.stringify(strange.slice(0, 20))}`, () => {
      assert.match(idOf(from('10.1.2.3', strange)), UUID);
    });
  }

  test('is its own where no proxy is trusted', () => {
    const idOfAny = requestIds();
    const ids = [1, 2].map(() => idOfAny(from('127.0.0.1', given)));
    assert.equal(new Set(ids).size, 2);
    for (const id of ids) assert.match(id, UUID);
  });
});

test('every answer has the id under which its failure is logged', async (t) => {
  const { app, encoder, streams, lines } = await startTestApp(t, { trustProxy: ['127.0.0.1'] });
  streams.front!.receiveFrame(1);
  encoder.failure = new Error('A fault');
  const headers = { 'x-request-id': 'edge-17' };
  const failed = await app.inject({ url: '/cameras/front/snapshot.jpg', headers });
  assert.deepEqual([failed.statusCode, failed.headers['x-request-id']], [500, 'edge-17']);
  assert.deepEqual(
    lines.filter(({ msg }) => msg === 'Request failed').map(({ reqId }) => reqId),
    ['edge-17'],
  );
  const unknown = await app.inject('/nowhere');
  assert.match(String(unknown.headers['x-request-id']), UUID);
});
