import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FramewellError } from '../../services/errors.js';
import { PASSWORD, startTestApp, type TestAppOptions } from '../support/test-app.js';

const ADMIN_TOKEN = 'token-of-the-administrator';
const YARD2 = { id: 'yard-2', url: 'rtsp://camera.test/yard-2' };

async function start(t: TestContext, options: TestAppOptions = { adminToken: ADMIN_TOKEN }) {
  const testApp = await startTestApp(t, options);
  const ask = (method: 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object, token = ADMIN_TOKEN) => {
    return testApp.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(payload && { payload }),
    });
  };
  const listed = async () => {
    const { cameras } = (await testApp.app.inject('/cameras')).json();
    return cameras.map(({ id, name }: { id: string; name: string }) => `${id}: ${name}`);
  };
  return { ...testApp, ask, listed };
}

const requests = [
  ['POST', '/cameras'],
  ['PATCH', '/cameras/front'],
  ['DELETE', '/cameras/front'],
  ['POST', '/cameras/front/retry'],
] as const;
for (const [method, url] of requests) {
  test(`${method} ${url} is off without an ADMIN_TOKEN`, async (t) => {
    const { ask } = await start(t, {});
    const answer = await ask(method, url, YARD2);
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.json().code, 'ERR_ADMIN_DISABLED');
  });

  test(`${method} ${url} needs the ADMIN_TOKEN, before anything else is looked at`, async (t) => {
    const { app, ask, listed } = await start(t);
    const before = await listed();
    const answers = [
      await ask(method, url, YARD2, `${ADMIN_TOKEN}x`),
      await app.inject({ method, url }),
      await app.inject({ method, url, headers: { authorization: `Basic ${ADMIN_TOKEN}` }, payload: 'no JSON' }),
    ];
    for (const answer of answers) {
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.equal(answer.json().code, 'ERR_UNAUTHORIZED');
    }
    assert.deepEqual(await listed(), before);
  });
}

test('a camera is added, renamed, changed and removed', async (t) => {
  const { ask, listed, added } = await start(t);
  const answer = await ask('POST', '/cameras', { ...YARD2, user: 'u', password: PASSWORD, track: 2 });
  assert.equal(answer.statusCode, 201, answer.body);
  assert.equal(answer.headers.location, '/cameras/yard-2');
  assert.equal(answer.json().url, 'rtsp://***@camera.test/yard-2');
  assert.deepEqual(await listed(), ['front: The front', 'yard: The yard', 'yard-2: yard-2']);

  assert.equal((await ask('PATCH', '/cameras/yard-2', { name: 'Back yard' })).json().name, 'Back yard');
  assert.equal(added[0]!.isStopped, false);

  const changed = await ask('PATCH', '/cameras/yard-2', { url: 'rtsp://other.test/' });
  assert.equal(changed.json().url, 'rtsp://other.test/', 'the login is not sent to another host');
  assert.deepEqual([added[0]!.isStopped, added.length], [true, 2]);

  assert.equal((await ask('DELETE', '/cameras/yard-2')).statusCode, 204);
  assert.equal(added[1]!.isStopped, true);
  assert.deepEqual(await listed(), ['front: The front', 'yard: The yard']);
});

test('an operator has a parked camera tried again', async (t) => {
  const { ask, streams } = await start(t);
  assert.equal((await ask('POST', '/cameras/front/retry')).statusCode, 202);
  assert.equal(streams.front!.retries, 1);
  assert.equal((await ask('POST', '/cameras/nowhere/retry')).statusCode, 404);
});

const refused: [
  title: string,
  method: 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body: object,
  status: number,
  words: RegExp,
][] = [
  ['an id that is taken', 'POST', '/cameras', { ...YARD2, id: 'front' }, 409, /^Expected an id of its own but front/],
  ['no id', 'POST', '/cameras', { url: YARD2.url }, 400, /for id but received none$/],
  ['no URL', 'POST', '/cameras', { id: 'x' }, 400, /for url but received none$/],
  ['another scheme', 'POST', '/cameras', { id: 'x', url: `http://u:${PASSWORD}@host/` }, 400, /received http:\/\/$/],
  ['a field that is none', 'POST', '/cameras', { ...YARD2, [PASSWORD]: PASSWORD }, 400, /received another field$/],
  [
    'a password that is no text',
    'POST',
    '/cameras',
    { ...YARD2, password: [PASSWORD] },
    400,
    /password but received object$/,
  ],
  [
    'a transport that is none',
    'POST',
    '/cameras',
    { ...YARD2, transport: 'tpc' },
    400,
    /for transport but received "tpc"$/,
  ],
  ['a body that is no object', 'POST', '/cameras', [PASSWORD], 400, /^Expected object for the body but received/],
  ['another id', 'PATCH', '/cameras/front', { id: 'x' }, 409, /set up in \.env/],
  ['a camera of .env', 'PATCH', '/cameras/front', { name: 'x' }, 409, /set up in \.env/],
  ['a camera of .env', 'DELETE', '/cameras/front', {}, 409, /set up in \.env/],
  ['an unknown camera', 'PATCH', '/cameras/nowhere', { name: 'x' }, 404, /No camera has the id nowhere/],
];
for (const [title, method, url, body, status, words] of refused) {
  test(`${method} of ${title} is a ${status} that shows no secret`, async (t) => {
    const { ask, listed, lines } = await start(t);
    const answer = await ask(method, url, body);
    assert.equal(answer.statusCode, status, answer.body);
    assert.match(answer.json().message, words);
    assert.ok(!answer.body.includes(PASSWORD) && !JSON.stringify(lines).includes(PASSWORD));
    assert.equal((await listed()).length, 2);
  });
}

const otherSchemes = [
  'file:///etc/passwd',
  'http://host/',
  'concat:rtsp://host/',
  'pipe:0',
  'tcp://host:80',
  '/dev/video0',
];
for (const url of otherSchemes) {
  test(`${url} is no camera, neither at first nor later`, async (t) => {
    const { ask, listed, added } = await start(t);
    await ask('POST', '/cameras', YARD2);
    const before = await listed();
    for (const answer of [
      await ask('POST', '/cameras', { id: 'x', url }),
      await ask('PATCH', '/cameras/yard-2', { url }),
      await ask('PATCH', '/cameras/yard-2', { url, password: PASSWORD }),
    ]) {
      assert.equal(answer.statusCode, 400, answer.body);
      assert.equal(answer.json().code, 'ERR_BAD_PARAMETER');
      assert.match(answer.json().message, /^Expected rtsp:\/\/host\[:port\]\/path or rtsps:/);
    }
    assert.deepEqual(await listed(), before);
    assert.equal(added.length, 1);
  });
}

test('what cannot be stored is not done', async (t) => {
  const store = { write: () => Promise.reject(new FramewellError('ERR_STATE_FILE', 'The disk is full')) };
  const { ask, listed } = await start(t, { adminToken: ADMIN_TOKEN, store });
  const answer = await ask('POST', '/cameras', YARD2);
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().code, 'ERR_STATE_FILE');
  assert.equal((await listed()).length, 2);
});

test('changes at once are done one after the other', async (t) => {
  const { ask, listed } = await start(t);
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/cameras', YARD2)));
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409]);
  assert.equal((await listed()).length, 3);
});

test('viewers of a camera that is removed are told to go', { timeout: 10_000 }, async (t) => {
  const { app, ask, added } = await start(t);
  await ask('POST', '/cameras', YARD2);
  const socket = await app.injectWS('/cameras/yard-2/stream', { headers: { host: 'localhost' } });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const multipart = fetch(`${await app.listen({ port: 0, host: '127.0.0.1' })}/cameras/yard-2/stream.mjpeg`);
  while ((await app.inject('/cameras/yard-2')).json().viewers < 2) await new Promise(setImmediate);
  await ask('DELETE', '/cameras/yard-2');
  assert.equal(await closed, 1001);
  assert.equal((await multipart).status, 200);
  // It has an end.
  await (await multipart).arrayBuffer();
  assert.equal(added[0]!.isStopped, true);
});
