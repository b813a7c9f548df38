import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureHeader } from '../../services/http/picture-header.js';
import { CHANNEL_MESSAGES, PLAIN_MESSAGES, readViewerMessage } from '../../services/http/viewer-messages.js';

for (const [text, message] of [
  ['{"type":"subscribe","camera":"yard"}', { type: 'subscribe', camera: 'yard', limits: {} }],
  [
    '{"type":"subscribe","camera":"yard","width":320,"height":200,"quality":60,"fps":0.5}',
    { type: 'subscribe', camera: 'yard', limits: { width: 320, height: 200, quality: 60, fps: 0.5 } },
  ],
  ['{"type":"unsubscribe","channel":2}', { type: 'unsubscribe', channel: 2 }],
  ['{"type":"limit","channel":2,"width":640}', { type: 'limit', channel: 2, limits: { width: 640 } }],
  ['{"type":"limit"}', { type: 'limit', limits: {} }],
  ['{"type":"pause"}', { type: 'pause' }],
  ['{"type":"resume","channel":65535}', { type: 'resume', channel: 65535 }],
] as const) {
  test(`${text} is understood`, () => {
    assert.deepEqual(readViewerMessage(text, CHANNEL_MESSAGES), message);
  });
}

for (const [text, message] of [
  ['', 'Expected a JSON object for the message but received ""'],
  ['{"type":', 'Expected a JSON object for the message but received "{\\"type\\":"'],
  ['[]', 'Expected a JSON object for the message but received []'],
  ['null', 'Expected a JSON object for the message but received null'],
  ['7', 'Expected a JSON object for the message but received 7'],
  ['{}', 'Expected subscribe, unsubscribe, limit, pause, resume for type but received none'],
  ['{"type":"toString"}', 'Expected subscribe, unsubscribe, limit, pause, resume for type but received "toString"'],
  ['{"type":["pause"]}', 'Expected subscribe, unsubscribe, limit, pause, resume for type but received ["pause"]'],
  ['{"type":"subscribe"}', "Expected a camera's id for camera but received none"],
  ['{"type":"subscribe","camera":7}', "Expected a camera's id for camera but received 7"],
  ['{"type":"unsubscribe"}', 'Expected integer 1-65535 for channel but received none'],
  ['{"type":"pause","channel":"1"}', 'Expected integer 1-65535 for channel but received "1"'],
  ['{"type":"limit","width":15}', 'Expected integer 16-8192 for width but received 15'],
  ['{"type":"limit","height":100.5}', 'Expected integer 16-8192 for height but received 100.5'],
  ['{"type":"limit","quality":"60"}', 'Expected integer 1-100 for quality but received "60"'],
  ['{"type":"limit","fps":0}', 'Expected number 0.1-120 for fps but received 0'],
  ['{"type":"limit","fps":null}', 'Expected number 0.1-120 for fps but received null'],
  ['{"type":"limit","witdh":320}', 'Expected channel, width, height, quality, fps for limit but received "witdh"'],
  ['{"type":"pause","fps":1}', 'Expected channel for pause but received "fps"'],
] as const) {
  test(`${text} is refused with what was expected`, () => {
    assert.throws(() => readViewerMessage(text, CHANNEL_MESSAGES), { code: 'ERR_BAD_PARAMETER', message });
  });
}

test('what is wrong with a subscribe names the camera, so that the viewer knows which one was refused', () => {
  const refused = (text: string) => {
    try {
      readViewerMessage(text, CHANNEL_MESSAGES);
    } catch (error) {
      return (error as { camera?: string }).camera;
    }
    return assert.fail('understood');
  };
  assert.equal(refused('{"type":"subscribe","camera":"yard","fps":-1}'), 'yard');
  assert.equal(refused('{"type":"subscribe","camera":7}'), undefined);
  assert.equal(refused('{"type":"pause","camera":"yard"}'), undefined);
});

test('a plain viewer has no channels to open', () => {
  assert.deepEqual(readViewerMessage('{"type":"limit","fps":5}', PLAIN_MESSAGES), {
    type: 'limit',
    limits: { fps: 5 },
  });
  assert.throws(() => readViewerMessage('{"type":"subscribe","camera":"yard"}', PLAIN_MESSAGES), {
    message: 'Expected limit, pause, resume for type but received "subscribe"',
  });
});

test('the header of a picture is the one of docs/viewer-protocol.md', () => {
  const facts = { channel: 1, rung: 0, ageMs: 12, sequence: 4711, receivedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
  assert.equal(
    pictureHeader(facts).toString('hex'),
    '010001000c00000067120000000000002e8fa97c9b0100000000000000000000',
  );
});

test('every field of the header has its place', () => {
  const header = pictureHeader({
    channel: 0x1234,
    rung: 7,
    ageMs: 0x0a0b0c0d,
    sequence: 2 ** 40 + 5,
    receivedAtMs: 2 ** 41 + 0.4,
    captureAtMs: 2 ** 42 - 0.4,
  });
  assert.equal(header.length, 32);
  assert.deepEqual(
    [header.readUInt8(0), header.readUInt8(1), header.readUInt16LE(2), header.readUInt32LE(4)],
    [1, 7, 0x1234, 0x0a0b0c0d],
  );
  assert.deepEqual(
    [8, 16, 24].map((offset) => header.readBigUInt64LE(offset)),
    [2n ** 40n + 5n, 2n ** 41n, 2n ** 42n],
  );
});

test('an age that does not fit is the nearest that does', () => {
  const ageOf = (ageMs: number) =>
    pictureHeader({ channel: 1, rung: 0, ageMs, sequence: 1, receivedAtMs: 0 }).readUInt32LE(4);
  assert.equal(ageOf(-20), 0, 'the clock was set back');
  assert.equal(ageOf(1e12), 0xffff_ffff);
});
