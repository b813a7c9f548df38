import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.js';
import { HostileTarget, VIEWER_TOKEN } from '../support/hostile-target.js';
import { RawConnection } from '../support/raw-connection.js';
import { requires } from '../support/requires.js';
import { FramewellViewer } from '../support/viewer.js';
import { closeCodeIn, OPCODE, rawFrame } from '../support/web-socket-frames.js';

const headers = { authorization: `Bearer ${VIEWER_TOKEN}` };

const HANDSHAKE = [
  'GET /stream HTTP/1.1',
  'Host: 127.0.0.1',
  `Authorization: Bearer ${VIEWER_TOKEN}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: framewell.v1',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  '\r\n',
].join('\r\n');

const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

const { continuation, text, binary, close, ping } = OPCODE;
const begin = rawFrame({ opcode: text, payload: '{', fin: false });
const more = rawFrame({ opcode: continuation, payload: 'a'.repeat(100), fin: false });
const nothing = rawFrame({ opcode: continuation, fin: false });
const closeOf = (code: number, reason = Buffer.alloc(0)) =>
  rawFrame({ opcode: close, payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), reason]) });
const times = (count: number, frame: Buffer) => Buffer.concat(Array<Buffer>(count).fill(frame));
const subscribe = rawFrame({ opcode: text, payload: '{"type":"subscribe","camera":"front","fps":1}' });

/** By what is sent; the code that the socket is closed with. */
const TABLE: Readonly<Record<string, readonly [bytes: Buffer, code: number]>> = {
  'a frame without a mask': [rawFrame({ opcode: text, payload: '{}', masked: false }), PROTOCOL_ERROR],
  'a compressed bomb that was not negotiated': [
    rawFrame({ opcode: text, payload: deflateRawSync(Buffer.alloc(900_000)), reserved: 4 }),
    PROTOCOL_ERROR,
  ],
  RSV2: [rawFrame({ opcode: text, payload: '{}', reserved: 2 }), PROTOCOL_ERROR],
  RSV3: [rawFrame({ opcode: text, payload: '{}', reserved: 1 }), PROTOCOL_ERROR],
  'an unknown opcode': [rawFrame({ opcode: 3 }), PROTOCOL_ERROR],
  'an unknown control opcode': [rawFrame({ opcode: 0xb }), PROTOCOL_ERROR],
  'a continuation of nothing': [rawFrame({ opcode: continuation, payload: '{}' }), PROTOCOL_ERROR],
  'a message within another': [Buffer.concat([begin, begin]), PROTOCOL_ERROR],
  'a ping in fragments': [rawFrame({ opcode: ping, fin: false }), PROTOCOL_ERROR],
  'a ping of 126 bytes': [rawFrame({ opcode: ping, payload: 'a'.repeat(126) }), PROTOCOL_ERROR],
  'a close of one byte': [rawFrame({ opcode: close, payload: 'a' }), PROTOCOL_ERROR],
  'a close with a code of no protocol': [closeOf(999), PROTOCOL_ERROR],
  'a close with a code that is never sent': [closeOf(1005), PROTOCOL_ERROR],
  'a close whose reason is no UTF-8': [closeOf(1000, Buffer.from([0xc0, 0xae])), INVALID_PAYLOAD],
  'a text that is no UTF-8': [rawFrame({ opcode: text, payload: Buffer.from([0xff, 0xfe]) }), INVALID_PAYLOAD],
  'a message of 1025 bytes': [rawFrame({ opcode: text, payload: 'a'.repeat(1025) }), TOO_BIG],
  'a message that says to have 2^63 bytes': [rawFrame({ opcode: text, claimedLength: 1n << 63n }), TOO_BIG],
  'a message that says to have 2^40 bytes': [rawFrame({ opcode: text, claimedLength: 1n << 40n }), TOO_BIG],
  'a message without end': [Buffer.concat([begin, times(100, more)]), TOO_BIG],
  'empty fragments without end': [Buffer.concat([begin, times(17_000, nothing)]), POLICY_VIOLATION],
  'a binary message': [rawFrame({ opcode: binary, payload: Buffer.alloc(8) }), UNSUPPORTED_DATA],
  'more messages than a viewer has to say': [times(4000, rawFrame({ opcode: text, payload: '{}' })), POLICY_VIOLATION],
  'more subscriptions than there are channels': [times(4000, subscribe), POLICY_VIOLATION],
};

describe('a hostile viewer', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const answers: Buffer[] = [];
  let target: HostileTarget;

  before(async () => {
    target = await HostileTarget.start(cleanup);
  });

  after(() => cleanup.run());

  test('is closed with the code of what it did', async () => {
    for (const [title, [bytes, code]] of Object.entries(TABLE)) {
      const connection = await RawConnection.open(target.port, HANDSHAKE);
      assert.equal(await connection.answer(), 101);
      connection.send(bytes);
      await connection.until(() => closeCodeIn(connection.received) !== undefined);
      assert.equal(closeCodeIn(connection.received), code, title);
      // As RFC 6455 7.1.1 has it, the server ends the connection when its close was answered, or has waited for it.
      connection.send(closeOf(code));
      await connection.untilClosed();
      answers.push(connection.received);
    }
  });

  test('that sends pings and reads nothing is cut off', async () => {
    const connection = await RawConnection.open(target.port, HANDSHAKE);
    assert.equal(await connection.answer(), 101);
    connection.socket.pause();
    const pings = times(1000, rawFrame({ opcode: ping, payload: 'a'.repeat(125) }));
    for (let round = 0; round < 100; round++) connection.send(pings);
    connection.socket.resume();
    await connection.untilClosed();
  });

  test('has no more than 256 channels, and its socket goes on', async () => {
    const viewer = await FramewellViewer.open(target.server.origin, '/stream', { headers });
    for (let channel = 0; channel < 256; channel++) viewer.say({ type: 'subscribe', camera: 'front', fps: 1 });
    const refused = await viewer.untilTold(({ type, channel }) => type === 'error' || channel === 256);
    assert.equal(refused.type, 'camera');
    viewer.say({ type: 'subscribe', camera: 'front' });
    const { code } = await viewer.untilTold(({ type }) => type === 'error');
    assert.equal(code, 'ERR_TOO_MANY_REQUESTS');
    viewer.say({ type: 'unsubscribe', channel: 1 });
    viewer.say({ type: 'subscribe', camera: 'front' });
    await viewer.untilTold(({ channel }) => channel === 257);
    viewer.close();
  });

  for (const [title, message] of Object.entries({
    'an id of 1000 letters': { type: 'subscribe', camera: 'a'.repeat(950) },
    'an id that climbs': { type: 'subscribe', camera: '../front' },
    'the prototype': { type: 'subscribe', camera: '__proto__' },
    'a channel beyond integers': { type: 'unsubscribe', channel: 2 ** 53 },
    'a width without end': { type: 'limit', width: 1e308 },
    'a width of a list': { type: 'limit', width: [640] },
    'a type of the prototype': { type: 'toString' },
    'no type': {},
  })) {
    test(`that says ${title} is told so, and its socket goes on`, async () => {
      const viewer = await FramewellViewer.open(target.server.origin, '/stream', { headers });
      assert.match((await viewer.ask(message)).code as string, /^ERR_(BAD_PARAMETER|CAMERA_NOT_FOUND)$/);
      assert.equal((await viewer.ask({ type: 'subscribe', camera: 'front' })).type, 'camera');
      viewer.close();
    });
  }

  test('harms nobody', () => target.assertUnharmed(answers));
});
