import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatResponse, RtspParser } from '../../simulator/rtsp/rtsp-message.js';

const OPTIONS = 'OPTIONS rtsp://camera/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n';
const SET_PARAMETER = 'SET_PARAMETER rtsp://camera/1 RTSP/1.0\r\nCSEQ:2\r\nContent-Length: 6\r\n\r\na: $\r\n';
const RECEIVER_REPORT = Buffer.from([0x24, 1, 0, 4, 0x0d, 0x0a, 0x0d, 0x0a]);

function parse(chunks: readonly Buffer[]) {
  const parser = new RtspParser();
  return chunks.flatMap((chunk) => [...parser.push(chunk)]);
}

describe('RtspParser', () => {
  const bytes = Buffer.concat([Buffer.from(OPTIONS), RECEIVER_REPORT, Buffer.from(`\r\n${SET_PARAMETER}${OPTIONS}`)]);
  const expected = parse([bytes]);

  test('takes several messages and interleaved data out of one chunk', () => {
    const [options, report, setParameter, second] = expected;
    assert.equal(expected.length, 4);
    assert.ok(options?.type === 'request' && setParameter?.type === 'request' && report?.type === 'interleaved');
    assert.deepEqual([options.method, options.url], ['OPTIONS', 'rtsp://camera/1']);
    assert.deepEqual([report.channel, report.data.toString('hex')], [1, '0d0a0d0a']);
    assert.equal(setParameter.headers.get('cseq'), '2');
    assert.equal(setParameter.body.toString(), 'a: $\r\n');
    assert.deepEqual(second, options);
  });

  test('gives the same however TCP cut the bytes', () => {
    assert.deepEqual(parse(Array.from(bytes, (byte) => Buffer.from([byte]))), expected);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.deepEqual(parse([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
    }
  });

  for (const [what, text, message] of [
    ['a line that is no request', 'GET / HTTP/1.1\r\n\r\n', /Expected an RTSP request line but received "GET \/ HTTP/],
    ['a body length that is no number', OPTIONS.replace('1\r\n\r', '1\r\nContent-Length: x\r\n\r'), /received x/],
    ['a body that is too long', OPTIONS.replace('1\r\n\r', '1\r\nContent-Length: 99999\r\n\r'), /received 99999/],
    ['a head without end', `OPTIONS ${'x'.repeat(20_000)}`, /at most 16384 bytes/],
  ] as const) {
    test(`throws on ${what}`, () => {
      assert.throws(() => parse([Buffer.from(text)]), message);
    });
  }
});

test('formatResponse counts bytes, not characters', () => {
  assert.equal(
    formatResponse({ status: 200, headers: { Session: 'a' }, body: 'é' }, '7'),
    'RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: a\r\nContent-Length: 2\r\n\r\né',
  );
});
