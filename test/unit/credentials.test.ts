import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { TokenBook } from '../../services/access/token-book.js';
import { buildApp } from '../../app.js';
import { CameraRegistry } from '../../services/cameras/camera-registry.js';
import { CameraRoster } from '../../services/cameras/camera-roster.js';
import { StateFile } from '../../services/cameras/state-file.js';
import type { Environment } from '../../services/config-key.js';
import { ConfigError, loadConfig, readEnvironment } from '../../services/config.js';
import { Secret } from '../../services/secret.js';
import { settingsReloader } from '../../services/settings-reload.js';
import { StreamDecoderFactory } from '../../services/stream/stream-decoder-factory.js';
import { FakeBackend } from '../support/fake-backend.js';
import { memoryLog } from '../support/test-app.js';

/** In every secret; percent-encoding and JSON leave it as it is. */
const MARK = 'sEcReT';
const ROUNDS = 300;
const ADMIN_TOKEN = `${MARK}-of-the-administrator`;
const SPECIAL = [
  ...'@:/?#%&=+!$\'"`\\ ;,()[]{}<>|^~*_-.',
  '%40',
  '%2F',
  '%zz',
  '\u00e4',
  '\u{1f511}',
  '//',
  '@@',
  '://',
];

/** The same numbers for the same seed, in [0, 1) (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makers(random: () => number) {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const noise = () => Array.from({ length: Math.floor(random() * 4) }, () => pick(SPECIAL)).join('');
  const secret = () => `${noise()}${MARK}${noise()}`;
  const encoded = () => pick([secret, () => encodeURIComponent(secret())])();
  const url = () =>
    pick([
      () => `rtsp://${encodeURIComponent(secret())}:${encoded()}@camera.test/stream`,
      () => `rtsp://viewer:${encoded()}@camera.test:8554/a/b`,
      () => `rtsps://camera.test/stream?token=${encoded()}&password=${encoded()}`,
      () => `rtsp://camera.test/user=admin_password=${encoded()}_channel=1.sdp`,
      () => `http://viewer:${encoded()}@camera.test/`,
      () => `viewer:${encoded()}@camera.test/`,
    ])();
  return { pick, secret, url };
}

function assertHidden(text: string, where: string): void {
  const at = text.indexOf(MARK);
  assert.equal(at, -1, `Expected no secret in ${where} but found ${text.slice(Math.max(0, at - 80), at + 40)}`);
}

function configOrMistakes(environment: Environment): object {
  try {
    // Any text is right for the path of a file.
    return { ...loadConfig(environment), stateFile: '' };
  } catch (error) {
    assert.ok(error instanceof ConfigError, inspect(error));
    return error;
  }
}

/** The server without its sockets: real streams over a played engine, a real state file, a log in memory. */
async function start(t: TestContext, environment: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'framewell-credentials-'));
  const { log, lines } = memoryLog();
  log.level = 'trace';
  const backend = new FakeBackend();
  const factory = new StreamDecoderFactory(backend);
  const registry = new CameraRegistry(factory, log);
  const stateFile = join(folder, 'cameras.json');
  const { cameras: configured, clientMaxRequests } = loadConfig(environment);
  const store = new StateFile(stateFile, false);
  const roster = new CameraRoster(registry, { configured, store });
  const app = await buildApp({
    registry,
    roster,
    access: {
      tokens: new TokenBook([{ name: 'admin', role: 'admin', secret: new Secret(ADMIN_TOKEN) }]),
      anonymous: 'thisMachine',
      allowedOrigins: new Set(),
    },
    readiness: { livePercent: 50 },
    requestsPerMinute: 0,
    encodeJpeg: (frame, options) => factory.encodeJpeg(frame, options),
    clientMaxRequests,
    encodeQueueMax: 100,
    gpus: factory,
    engine: factory,
    jpegQuality: 80,
    log,
  });
  registry.start();
  t.after(async () => {
    await app.close();
    await factory.close();
    await rm(folder, { recursive: true });
  });
  return { app, roster, backend, log, lines, stateFile, folder };
}

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

test(`no answer, log line or state file shows a credential (SEED=${seed})`, async (t) => {
  const { pick, secret, url } = makers(randomFrom(seed));
  const configured = { CAMERA_URL_1: 'rtsp://camera.test/', CAMERA_USER_1: secret(), CAMERA_PASSWORD_1: secret() };
  const server = await start(t, configured);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  let added = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const camera = {
      id: `camera-${round + 2}`,
      url: url(),
      ...pick([{}, { password: secret() }, { user: secret(), password: secret() }, { passwd: secret() }]),
    };
    const payload = pick([JSON.stringify(camera), JSON.stringify(camera).slice(0, -1), JSON.stringify([camera])]);
    const answers = [
      await server.app.inject({
        method: 'POST',
        url: '/cameras',
        headers: { ...headers, 'content-type': 'application/json' },
        payload,
      }),
      await server.app.inject({
        method: 'PATCH',
        url: `/cameras/${camera.id}`,
        headers,
        payload: { password: secret() },
      }),
      await server.app.inject(`/cameras/${camera.id}/snapshot.jpg?wait=0`),
      await server.app.inject({
        method: 'POST',
        url: '/cameras',
        headers: { authorization: `Bearer x${ADMIN_TOKEN}` },
      }),
    ];
    if (answers[0]!.statusCode === 201) added += 1;
    for (const answer of answers) assertHidden(answer.body + JSON.stringify(answer.headers), answer.raw.req.url ?? '');
  }
  // Else the rounds below would have looked at nothing.
  assert.ok(added > ROUNDS / 20, `only ${added} cameras were added`);
  for (const session of server.backend.sessions) {
    session.end({ code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera answered 401' });
  }
  await new Promise(setImmediate);

  for (const path of [
    '/cameras',
    '/cameras/camera-1',
    '/cameras/camera-1/stream.mjpeg',
    '/metrics',
    '/readyz',
    '/session',
    '/',
    '/nowhere',
  ]) {
    const answer = await server.app.inject(path);
    assertHidden(answer.body + JSON.stringify(answer.headers), path);
  }
  const { url: signed } = (
    await server.app.inject({
      method: 'POST',
      url: '/sign',
      headers,
      payload: { path: '/cameras/camera-1/snapshot.jpg' },
    })
  ).json<{ url: string }>();
  assertHidden(signed, 'a signed URL');
  const login = await server.app.inject({ method: 'POST', url: '/session', payload: { token: ADMIN_TOKEN } });
  assert.equal(login.statusCode, 200);
  assertHidden(login.body + JSON.stringify(login.headers), 'a login');
  assertHidden(await readFile(server.stateFile, 'utf8'), 'the state file');
  assertHidden(JSON.stringify(server.lines), 'the log');
  assert.ok(server.lines.some(({ msg }) => msg === 'Camera down'));
});

test(`no mistake in the settings shows a credential (SEED=${seed})`, async (t) => {
  const { pick, secret, url } = makers(randomFrom(seed + 1));
  const server = await start(t, { CAMERA_URL_1: 'rtsp://camera.test/' });
  const envFile = join(server.folder, '.env');
  const quoted = (text: string) => pick([text, `"${text}"`, `'${text}'`]);
  for (let round = 0; round < ROUNDS; round++) {
    await writeFile(
      envFile,
      [
        `CAMERA_URL_1=${quoted(url())}`,
        `${pick(['CAMERA_PASSWORD_1', 'CAMERA_PASWORD_1', 'CAMERA_USER_1'])}=${quoted(secret())}`,
        `ADMIN_TOKEN=${quoted(pick([secret(), ADMIN_TOKEN]))}`,
        `${pick(['PORT', 'HOST', 'STATE_FILE'])}=rtsp://viewer:${secret()}@camera.test/`,
      ].join('\n'),
    );
    const read = () => readEnvironment({}, envFile);
    assertHidden(inspect(configOrMistakes(read()), { depth: 9 }), 'the config');
    await settingsReloader(read, server.roster, server.log)();
  }
  assertHidden(JSON.stringify(server.lines), 'the log');
});
