import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.js';
import { ADMIN_TOKEN, HostileTarget, VIEWER_TOKEN } from '../support/hostile-target.js';
import { RawConnection } from '../support/raw-connection.js';
import { requires } from '../support/requires.js';

const HOST = 'Host: 127.0.0.1\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const VIEWER = `Authorization: Bearer ${VIEWER_TOKEN}\r\n`;
const ADMIN = `Authorization: Bearer ${ADMIN_TOKEN}\r\n`;
const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
const HANDSHAKE = `${UPGRADE}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;

const get = (headers: string, path = '/cameras') => `GET ${path} HTTP/1.1\r\n${headers}\r\n`;
const post = (headers: string, body = '') => `POST /session HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);

/** By what it is; the status, or 'closed' where there is nothing to answer to. */
type Table = Readonly<Record<string, readonly [bytes: string | Buffer, answer: number | 'closed']>>;

/** What breaks the framing of the connection: nothing that follows on it may be taken for a request. */
const MALFORMED: Table = {
  'a length and chunks': [post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  'chunks and a length': [post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'), 400],
  'two lengths': [post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), 400],
  'one length twice': [post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'), 400],
  'a list of lengths': [post('Content-Length: 2, 2\r\n', '{}'), 400],
  'a negative length': [post('Content-Length: -1\r\n'), 400],
  'a length with a sign': [post('Content-Length: +2\r\n', '{}'), 400],
  'a hexadecimal length': [post('Content-Length: 0x2\r\n', '{}'), 400],
  'a length beyond 64 bits': [post('Content-Length: 99999999999999999999999\r\n'), 400],
  'a length of ten gigabytes': [post('Content-Length: 10000000000\r\n'), 413],
  'an unknown transfer coding': [post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400],
  'chunked, but not last': [post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), 400],
  'a blank before the colon': [post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'), 400],
  'a chunk size that is none': [chunked('zz\r\n'), 400],
  'a negative chunk size': [chunked('-1\r\n'), 400],
  'a chunk size beyond 64 bits': [chunked('ffffffffffffffffff\r\n'), 400],
  'a chunk longer than its size': [chunked('1\r\nxyz\r\n0\r\n\r\n'), 400],
  'a chunk extension without end': [chunked(`1;${'a'.repeat(70_000)}`), 400],
  'trailers without end': [chunked(`0\r\n${'a: b\r\n'.repeat(20_000)}`), 431],
  'a body of chunks of one byte': [chunked('1\r\n \r\n'.repeat(80_000)), 413],
  'lines that end with LF': ['GET /cameras HTTP/1.1\nHost: a\n\n', 400],
  'a CR within a line': [get('Host: a\rX: y\r\n'), 400],
  'a folded header': [get(`${HOST}X-A: b\r\n folded\r\n`), 400],
  'a NUL in a header': [get(`${HOST}X-A: b\0c\r\n`), 400],
  "a NUL in a header's name": [get(`${HOST}X\0A: b\r\n`), 400],
  'a NUL in the path': [get(HOST, '/cam\0eras'), 400],
  'a header without a colon': [get(`${HOST}nonsense\r\n`), 400],
  'a header without a name': [get(`${HOST}: b\r\n`), 400],
  'no host': [get(''), 400],
  'two hosts': [get('Host: a\r\nHost: b\r\n'), 400],
  'a host that is none': [get('Host: a/b@c\r\n'), 400],
  'a path without a slash': [get(HOST, 'cameras'), 400],
  'an unknown method': [`FROB / HTTP/1.1\r\n${HOST}\r\n`, 400],
  'a method in small letters': [`get / HTTP/1.1\r\n${HOST}\r\n`, 400],
  'a method of 70 kB': [`${'A'.repeat(70_000)} / HTTP/1.1\r\n${HOST}\r\n`, 400],
  'a request line of 70 kB': [get(HOST, `/${'a'.repeat(70_000)}`), 431],
  'a query of 70 kB': [get(HOST, `/cameras?${'a'.repeat(70_000)}`), 431],
  'an id of 64 KiB': [get(`${HOST}${VIEWER}`, `/cameras/${'a'.repeat(65_536)}/snapshot.jpg`), 431],
  'a header of 70 kB': [get(`${HOST}X: ${'a'.repeat(70_000)}\r\n`), 431],
  'three thousand headers': [get(HOST + Array.from({ length: 3000 }, (_, at) => `a${at}:\r\n`).join('')), 400],
  'ten thousand times one header': [get(HOST + 'a:\r\n'.repeat(10_000)), 400],
  'HTTP/0.9': ['GET /\r\n\r\n', 400],
  'HTTP/2 in words': [`GET / HTTP/2.0\r\n${HOST}\r\n`, 400],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  'a version there is not': [`GET / HTTP/9.9\r\n${HOST}\r\n`, 400],
  'the hello of TLS': [Buffer.from('16030100f1010000ed0303', 'hex'), 400],
  'the hello of SSH': ['SSH-2.0-OpenSSH_9.2\r\n', 400],
  zeros: [Buffer.alloc(5000), 400],
  'any bytes': [Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919 + 13) & 255)), 400],
  'a tunnel to elsewhere': ['CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n', 'closed'],
  'an upgrade with a body': [post(`${UPGRADE}Content-Length: 2\r\n`, '{}'), 400],
  'an upgrade of a stream with a body': [
    get(`${HOST}${VIEWER}${HANDSHAKE}Content-Length: 5\r\n`, '/cameras/front/stream') + 'hello',
    400,
  ],
  'an upgrade to HTTP/2': [get(`${HOST}Upgrade: h2c\r\nConnection: Upgrade\r\n`, '/healthz'), 400],
};

/** Upgrades of a stream by who may see it, and of what is none. */
const UPGRADES: Table = {
  ...Object.fromEntries(
    ['/', '/viewer/protocol.js', '/docs/json', '/healthz', '/metrics', '/cameras', '/events', '/nothing'].map(
      (path) => [`of ${path}`, [get(`${HOST}${VIEWER}${HANDSHAKE}`, path), 400] as const],
    ),
  ),
  'of a snapshot': [get(`${HOST}${VIEWER}${HANDSHAKE}`, '/cameras/front/snapshot.jpg'), 400],
  'of stream.mjpeg': [get(`${HOST}${VIEWER}${HANDSHAKE}`, '/cameras/front/stream.mjpeg'), 400],
  'by POST': [get(`${HOST}${VIEWER}${HANDSHAKE}`, '/cameras/front/stream').replace('GET', 'POST'), 400],
  'over HTTP/1.0': [get(`${HOST}${VIEWER}${HANDSHAKE}`, '/cameras/front/stream').replace('1.1', '1.0'), 400],
  'without a login': [get(`${HOST}${HANDSHAKE}`, '/cameras/front/stream'), 401],
  'of a camera that there is not': [get(`${HOST}${VIEWER}${HANDSHAKE}`, '/cameras/none/stream'), 404],
  'of version 12': [stream(HANDSHAKE.replace(': 13', ': 12')), 400],
  'of two versions': [stream(HANDSHAKE.replace(': 13', ': 13, 8')), 400],
  'without a key': [stream(HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, '')), 400],
  'with a short key': [stream(HANDSHAKE.replace('dGhl', '')), 400],
  'with two keys': [stream(`${HANDSHAKE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`), 400],
  'with a protocol that is none': [stream(`${HANDSHAKE}Sec-WebSocket-Protocol: ,,a b\r\n`), 400],
  'to another protocol': [stream(HANDSHAKE.replace('websocket', 'h2c')), 400],
  'to two protocols': [stream(HANDSHAKE.replace('websocket', 'websocket, h2c')), 400],
  'without Upgrade': [stream(HANDSHAKE.replace('Upgrade: websocket\r\n', '')), 426],
  'without Connection: Upgrade': [stream(HANDSHAKE.replace('Connection: Upgrade', 'Connection: keep-alive')), 426],
};

function stream(headers: string): string {
  return get(`${HOST}${VIEWER}${headers}`, '/cameras/front/stream');
}

const CLIMBS = [
  '/../package.json',
  '/../../../../../../etc/passwd',
  '/viewer/../../package.json',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/%252e%252e%252fpackage.json',
  '/..%5cpackage.json',
  '/..\\package.json',
  '/....//package.json',
  '/%c0%ae%c0%ae/package.json',
  '/%u002e%u002e/package.json',
  '/..;/package.json',
  '/index.html%00.png',
  '//etc/passwd',
  '/file:///etc/passwd',
  '/.env',
  '/docs/static/../../../../package.json',
  '/docs/static/..%2f..%2f..%2fpackage.json',
  '/docs/static/%2e%2e%2fpackage.json',
];

/** In place of a camera's id. */
const IDS = [
  '..',
  '%2e%2e',
  '..%2f..%2fetc%2fpasswd',
  '%252e%252e%252f',
  '%c0%ae%c0%ae',
  '%ff%fe',
  '%',
  '%00',
  'front%00',
  'front%20',
  'FRONT',
  '__proto__',
  'constructor',
  '%F0%9F%93%B7',
  'a'.repeat(8000),
];

const NUMBERS = ['NaN', 'Infinity', '-Infinity', '1e309', '-1', '9007199254740993', '1,2', '[]', '%00', '--1', '٣'];

/** Of each, values that it cannot have besides `NUMBERS`. */
const PARAMETERS: Readonly<Record<string, readonly [path: string, others: readonly string[]]>> = {
  width: ['/cameras/front/snapshot.jpg', ['15', '8193', '16.5', '-0', '']],
  height: ['/cameras/front/snapshot.webp', ['15', '8193', '16.5', '-0', '']],
  quality: ['/cameras/front/snapshot.jpg', ['0', '101', '50.5', '-0', '']],
  maxAge: ['/cameras/front/snapshot.jpg', ['86400001', '0.5']],
  wait: ['/cameras/front/snapshot.jpg', ['60001', '0.5']],
  after: ['/cameras/front/snapshot.jpg', ['0.5']],
  at: ['/cameras/front/snapshot.jpg', ['8640000000000001', '0.5']],
  crop: ['/cameras/front/snapshot.jpg', ['0,0,0,0', '0,0,1', '-1,0,1,1', '1e3,0,1,1', '']],
  fit: ['/cameras/front/snapshot.jpg', ['outside', '']],
  format: ['/cameras/front/snapshot.jpg', ['gif', '../x', '']],
  onStale: ['/cameras/front/snapshot.jpg', ['true', '']],
  fps: ['/cameras/front/stream.mjpeg', ['0', '121', '-0', '']],
  columns: ['/mosaic.jpg', ['0', '65', '-0', '1.5', '']],
};

const DEEP = 60_000;

/** Bodies of JSON, for who may change cameras. */
const BODIES: Readonly<Record<string, readonly [body: string | Buffer, status: number, type?: string]>> = {
  nothing: ['', 400],
  'half an object': ['{"id":', 400],
  'an array as deep as it fits': ['['.repeat(DEEP), 400],
  'an array as deep as it fits, with its ends': ['['.repeat(DEEP / 2) + ']'.repeat(DEEP / 2), 400],
  'an object as deep as it fits': ['{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 400],
  'a prototype': ['{"__proto__":{"role":"admin"},"id":"x","url":"rtsp://camera.test/"}', 400],
  'a constructor': ['{"constructor":{"prototype":{"role":"admin"}},"id":"x","url":"rtsp://camera.test/"}', 400],
  'a list': ['[]', 400],
  null: ['null', 400],
  'a number': ['1e999', 400],
  'a text': ['"x"', 400],
  'an id that is an object': ['{"id":{"toString":1},"url":"rtsp://camera.test/"}', 400],
  'an id that climbs': ['{"id":"../x","url":"rtsp://camera.test/"}', 400],
  'a URL to a file': ['{"id":"x","url":"file:///etc/passwd"}', 400],
  'a URL that runs a program': ['{"id":"x","url":"exec:ffmpeg"}', 400],
  'no UTF-8': [Buffer.from([0x22, 0xc0, 0xae, 0xff, 0x22]), 400],
  'UTF-16': [Buffer.from('{"id":"x"}', 'utf16le'), 400],
  'a form': ['id=x', 415, 'application/x-www-form-urlencoded'],
  'a multipart form': ['--x--', 415, 'multipart/form-data; boundary=x'],
  'no type': ['{}', 415, ''],
  'a type of 1000 letters': ['{}', 415, 'a'.repeat(1000)],
};

describe('a hostile client', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const answers: Buffer[] = [];
  let target: HostileTarget;

  before(async () => {
    target = await HostileTarget.start(cleanup);
  });

  after(() => cleanup.run());

  /** What is answered to these bytes. */
  async function say(bytes: string | Buffer): Promise<RawConnection> {
    const connection = await RawConnection.open(target.port, bytes);
    const status = await connection.answer();
    answers.push(connection.received);
    assert.ok(
      status === 'closed' || (status >= 400 && status < 500),
      `Expected a refusal of ${bytes.toString().slice(0, 300)} but received ${status}`,
    );
    return connection;
  }

  async function assertTable(table: Table): Promise<void> {
    for (const [title, [bytes, expected]] of Object.entries(table)) {
      const connection = await say(bytes);
      assert.equal(await connection.answer(), expected, title);
      connection.close();
    }
  }

  test('gets one answer to what is malformed, and none to what follows', async () => {
    const next = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
    for (const [title, [bytes, expected]] of Object.entries(MALFORMED)) {
      const connection = await say(Buffer.concat([Buffer.from(bytes), Buffer.from(next)]));
      await connection.untilClosed();
      assert.equal(await connection.answer(), expected, title);
      assert.ok(!connection.statuses.includes(200), `${title}: ${connection.statuses.join()}`);
    }
  });

  test('cannot upgrade what is no stream, nor a stream in other ways', () => assertTable(UPGRADES));

  test('does not climb out of the folders of the pages', async () => {
    for (const path of CLIMBS) {
      const connection = await say(get(HOST, path));
      assert.ok([400, 403, 404].includes((await connection.answer()) as number), path);
      connection.close();
    }
  });

  test('finds no camera under an id that is none', async () => {
    for (const id of IDS) {
      for (const path of [`/cameras/${id}`, `/cameras/${id}/snapshot.jpg`, `/cameras/${id}/stream.mjpeg`]) {
        const connection = await say(get(`${HOST}${VIEWER}`, path));
        // Paths too long for a parameter are looked for among the pages, where they are too long for a file.
        assert.ok([400, 403, 404].includes((await connection.answer()) as number), path.slice(0, 100));
        connection.close();
      }
      const connection = await say(get(`${HOST}${VIEWER}`, `/mosaic.jpg?cameras=${id}`));
      connection.close();
    }
  });

  test('cannot ask for numbers that are none or too large, or twice for one', async () => {
    for (const [name, [path, others]] of Object.entries(PARAMETERS)) {
      for (const value of [...NUMBERS, ...others]) {
        const connection = await say(get(`${HOST}${VIEWER}`, `${path}?${name}=${value}`));
        assert.equal(await connection.answer(), 400, `${name}=${value}`);
        connection.close();
      }
      const twice = await say(get(`${HOST}${VIEWER}`, `${path}?${name}=20&${name}=30`));
      assert.equal(await twice.answer(), 400, `${name} twice`);
      twice.close();
    }
  });

  test('cannot put anything into a body', async () => {
    for (const [title, [body, expected, type = 'application/json']] of Object.entries(BODIES)) {
      const bytes = Buffer.from(body);
      const head = `POST /cameras HTTP/1.1\r\n${HOST}${ADMIN}Content-Length: ${bytes.length}\r\n`;
      const typed = type === '' ? head : `${head}Content-Type: ${type}\r\n`;
      const connection = await say(Buffer.concat([Buffer.from(`${typed}\r\n`), bytes]));
      assert.equal(await connection.answer(), expected, title);
      connection.close();
    }
  });

  test('that sends on what is too large is cut off', async () => {
    const connection = await RawConnection.open(target.port, post('Content-Length: 10485760\r\n'));
    connection.send(Buffer.alloc(10 * 1024 * 1024, ' '));
    await connection.untilClosed();
    // The answer is lost where the connection is reset before it is read.
    assert.ok([413, 'closed'].includes(await connection.answer()));
  });

  test('that pipelines a thousand requests gets as many answers', async () => {
    const requests = 1000;
    const connection = await RawConnection.open(target.port, get(HOST, '/cameras').repeat(requests - 1));
    connection.send(get(`${HOST}Connection: close\r\n`));
    await connection.untilClosed(20_000);
    assert.deepEqual(connection.statuses, Array<number>(requests).fill(401));
  });

  test('harms nobody', () => target.assertUnharmed(answers));
});
