import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import supertest from 'supertest';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PATH = '/cameras/front/snapshot.jpg';

async function tagOf({ app }: TestApp, url = PATH): Promise<string> {
  const { statusCode, headers } = await app.inject(url);
  assert.equal(statusCode, 200);
  return headers.etag!;
}

test('the newest picture, and what its reader must know to judge it', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  const receivedAtMs = Date.now() - 300;
  streams.front!.receiveFrame(41, receivedAtMs);
  await app.listen({ port: 0 });
  const { body, headers } = await supertest(app.server).get(`${PATH}?width=640&quality=55`).expect(200);
  assert.deepEqual(JSON.parse(String(body)), { sequence: 41, quality: 55, width: 640 });
  assert.equal(headers['content-type'], 'image/jpeg');
  assert.equal(headers['content-length'], String(body.length));
  assert.equal(headers['cache-control'], 'private, no-cache');
  assert.equal(headers['last-modified'], new Date(receivedAtMs).toUTCString());
  assert.match(headers.etag!, /^"[\x21\x23-\x7e]+"$/);
  assert.equal(headers['x-frame-sequence'], '41');
  assert.equal(headers['x-frame-received-at'], new Date(receivedAtMs).toISOString());
  assert.equal(headers['x-frame-engine'], 'cpu');
  for (const absent of ['x-frame-captured-at', 'x-frame-stale', 'x-frame-at-error-ms']) assert.ok(!(absent in headers));
  const ageMs = Number(headers['x-frame-age-ms']);
  assert.ok(ageMs >= 300 && ageMs < 10_000, `age ${ageMs}`);
  assert.deepEqual(encoder.encodes, [{ sequence: 41, options: { quality: 55, width: 640 } }]);
  assert.deepEqual(streams.front!.frames.unreleased, []);
});

test('when the camera took it, where the camera says so', async (t) => {
  const { app, streams } = await startTestApp(t);
  const front = streams.front!;
  const captureAtMs = Date.now() - 200;
  front.getLastFrame = () => Promise.resolve(front.frames.make(1, { captureAtMs }));
  const { headers } = await app.inject(PATH);
  assert.equal(headers['x-frame-captured-at'], new Date(captureAtMs).toISOString());
});

test('the quality is left to the engine where the request names none', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  streams.front!.receiveFrame(1);
  await app.inject(PATH);
  assert.deepEqual(encoder.encodes, [{ sequence: 1, options: {} }]);
});

test('fit and crop go to the engine', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  streams.front!.receiveFrame(1);
  await app.inject(`${PATH}?width=200&height=200&fit=cover&crop=10,20,600,400`);
  const crop = { x: 10, y: 20, width: 600, height: 400 };
  assert.deepEqual(encoder.encodes, [{ sequence: 1, options: { width: 200, height: 200, fit: 'cover', crop } }]);
});

test('HEAD answers as GET does, and makes no picture', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  streams.front!.receiveFrame(41, Date.now() - 100);
  const head = await app.inject({ method: 'HEAD', url: PATH });
  assert.equal(encoder.encodes.length, 0);
  assert.deepEqual([head.statusCode, head.body], [200, '']);
  const { headers } = await app.inject(PATH);
  // RFC 9110 8.6: a length that is not known before the picture is made may be left out.
  const isOfNow = ['date', 'x-frame-age-ms', 'content-length', 'x-request-id'];
  for (const [name, value] of Object.entries(headers)) {
    if (!isOfNow.includes(name)) assert.equal(head.headers[name], value, name);
  }
  assert.ok('x-frame-age-ms' in head.headers && !('content-length' in head.headers));
});

describe('the entity-tag', () => {
  test('of a known picture is answered 304, with all that is said of it and without making it', async (t) => {
    const testApp = await startTestApp(t);
    const { app, streams, encoder } = testApp;
    streams.front!.receiveFrame(41);
    const { etag } = (await app.inject({ method: 'HEAD', url: PATH })).headers;
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await app.inject({ method, url: PATH, headers: { 'if-none-match': `"another", ${etag}` } });
      assert.deepEqual([answer.statusCode, answer.body], [304, '']);
      assert.equal(answer.headers.etag, etag);
      assert.equal(answer.headers['x-frame-sequence'], '41');
      assert.equal(answer.headers['cache-control'], 'private, no-cache');
      for (const name of ['last-modified', 'x-frame-age-ms', 'x-frame-received-at', 'x-frame-engine']) {
        assert.ok(name in answer.headers, name);
      }
    }
    assert.equal(encoder.encodes.length, 0);
    assert.deepEqual(streams.front!.frames.unreleased, []);
    streams.front!.receiveFrame(42);
    const next = await app.inject({ url: PATH, headers: { 'if-none-match': etag } });
    assert.deepEqual([next.statusCode, next.json().sequence], [200, 42]);
  });

  test('stays the same as long as the bytes do', async (t) => {
    const testApp = await startTestApp(t);
    testApp.streams.front!.receiveFrame(1);
    const tag = await tagOf(testApp);
    assert.equal(await tagOf(testApp), tag);
    assert.equal(await tagOf(testApp, `${PATH}?width=8000&fit=cover&format=jpeg&maxAge=9000`), tag);
  });

  test('is another one for whatever makes the bytes differ', async (t) => {
    const testApp = await startTestApp(t);
    const { streams, encoder } = testApp;
    encoder.jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    for (const stream of Object.values(streams)) stream.receiveFrame(1);
    const wishes = ['width=320', 'height=320', 'quality=80', 'crop=0,0,320,320', 'format=webp', 'format=avif'];
    wishes.push('width=320&height=320', 'width=320&height=320&fit=cover', 'crop=1,0,320,320');
    const urls = [PATH, ...wishes.map((wish) => `${PATH}?${wish}`), '/cameras/yard/snapshot.jpg'];
    const tags = new Set<string>();
    for (const url of urls) tags.add(await tagOf(testApp, url));
    streams.front!.receiveFrame(2);
    tags.add(await tagOf(testApp));
    assert.equal(tags.size, urls.length + 1);
  });

  test('is another one in every run of the server', async (t) => {
    const tags = new Set<string>();
    for (let run = 0; run < 2; run++) {
      const testApp = await startTestApp(t);
      testApp.streams.front!.receiveFrame(1);
      tags.add(await tagOf(testApp));
    }
    assert.equal(tags.size, 2);
  });
});

for (const { path, type, format } of [
  { path: 'snapshot.jpg?format=webp', type: 'image/webp', format: 'webp' },
  { path: 'snapshot.jpg?format=avif', type: 'image/avif', format: 'heif' },
  { path: 'snapshot.webp', type: 'image/webp', format: 'webp' },
  { path: 'snapshot.avif', type: 'image/avif', format: 'heif' },
  { path: 'snapshot.avif?format=jpeg', type: 'image/jpeg', format: 'jpeg' },
]) {
  test(`${path} is ${type}`, async (t) => {
    const { app, streams, encoder } = await startTestApp(t);
    encoder.jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#3a7bd5' } })
      .jpeg()
      .toBuffer();
    streams.front!.receiveFrame(1);
    const answer = await app.inject(`/cameras/front/${path}`);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], type);
    const metadata = await sharp(answer.rawPayload).metadata();
    assert.deepEqual([metadata.format, metadata.width, metadata.height], [format, 64, 48]);
  });
}

test('a hundred requests at once cost one encode, as the camera tells; another camera costs its own', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  encoder.hold();
  const answers = ['front', 'yard'].flatMap((id) => {
    streams[id]!.receiveFrame(5);
    return Array.from({ length: 50 }, () => app.inject(`/cameras/${id}/snapshot.jpg`));
  });
  while (streams.front!.frames.made.length + streams.yard!.frames.made.length < 100) await turn();
  encoder.release();
  const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  assert.deepEqual(new Set(codes), new Set([200]));
  assert.equal(encoder.encodes.length, 2);
  assert.deepEqual(streams.front!.frames.unreleased, []);
  assert.deepEqual((await app.inject('/cameras/yard')).json().pictures, { encodes: 1, shared: 49 });
});

describe('a parameter that is wrong is named with what was expected and received', () => {
  const cases: [query: string, message: string][] = [
    ['quality=0', 'Expected integer 1-100 for quality but received 0'],
    ['quality=101', 'Expected integer 1-100 for quality but received 101'],
    ['quality=best', 'Expected integer 1-100 for quality but received "best"'],
    ['quality=', 'Expected integer 1-100 for quality but received ""'],
    ['width=15', 'Expected integer 16-8192 for width but received 15'],
    ['width=640.5', 'Expected integer 16-8192 for width but received "640.5"'],
    ['height=8193', 'Expected integer 16-8192 for height but received 8193'],
    ['height=-1', 'Expected integer 16-8192 for height but received -1'],
    ['width=1&width=2', 'Expected integer 16-8192 for width but received ["1","2"]'],
    ['width=NaN', 'Expected integer 16-8192 for width but received "NaN"'],
    ['fit=fill', 'Expected inside or cover for fit but received "fill"'],
    ['format=png', 'Expected jpeg, webp or avif for format but received "png"'],
    ['crop=1,2,3', 'Expected x,y,width,height in pixels for crop but received "1,2,3"'],
    ['crop=0,0,0,100', 'Expected x,y,width,height in pixels for crop but received "0,0,0,100"'],
    ['crop=-1,0,100,100', 'Expected x,y,width,height in pixels for crop but received "-1,0,100,100"'],
    [
      'crop=1200,0,81,100',
      'Expected x,y,width,height inside the picture of 1280x720 pixels for crop but received 1200,0,81,100',
    ],
    ['maxAge=-1', 'Expected integer 0-86400000 for maxAge but received -1'],
    ['wait=60001', 'Expected integer 0-60000 for wait but received 60001'],
    ['after=x', 'Expected integer 0-9007199254740991 for after but received "x"'],
    ['onStale=serve', 'Expected fail or last for onStale but received "serve"'],
    ['at=yesterday', 'Expected integer 0-8640000000000000 for at but received "yesterday"'],
    ['at=1000&maxAge=0', 'Expected nothing beside at for maxAge but received 0'],
    ['at=1000&wait=500', 'Expected nothing beside at for wait but received 500'],
    ['at=1000&after=7', 'Expected nothing beside at for after but received 7'],
    ['at=1000&onStale=last', 'Expected nothing beside at for onStale but received "last"'],
  ];
  for (const [query, message] of cases) {
    test(query, async (t) => {
      const { app, streams, encoder } = await startTestApp(t);
      streams.front!.receiveFrame(1);
      const answer = await app.inject(`${PATH}?${query}`);
      assert.equal(answer.statusCode, 400);
      assert.deepEqual(answer.json(), { code: 'ERR_BAD_PARAMETER', message });
      assert.equal(encoder.encodes.length, 0);
      assert.deepEqual(streams.front!.frames.unreleased, []);
    });
  }
});
