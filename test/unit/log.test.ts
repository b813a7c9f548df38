import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, toggleDebug } from '../../services/log.js';

function start() {
  const lines: string[] = [];
  return { log: createLog('warn', { write: (line) => void lines.push(line) }), lines };
}

test('nothing of a request that opens something is written', () => {
  const { log, lines } = start();
  const secret = 'opens-everything';
  const headers = { authorization: secret, 'proxy-authorization': secret, cookie: secret, host: 'shown' };
  const req = { headers, url: `/mosaic.jpg?signature=${secret}`, query: { signature: secret } };
  log.error({ req, res: { headers: { 'set-cookie': secret } } }, 'A library logs it all');
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /shown/);
  assert.doesNotMatch(lines[0]!, new RegExp(secret));
});

test('the level is switched to debug and back, and says so', () => {
  const { log, lines } = start();
  log.debug('unseen');
  toggleDebug(log, 'warn');
  log.debug('seen');
  toggleDebug(log, 'warn');
  log.debug('unseen again');
  const written = lines.map((line) => JSON.parse(line) as { msg: string; logLevel?: string });
  assert.deepEqual(
    written.map(({ msg, logLevel }) => [msg, logLevel]),
    [
      ['Log level changed', 'debug'],
      ['seen', undefined],
      ['Log level changed', 'warn'],
    ],
  );
});
