import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { DEMO_CLIP_PATH } from '../../simulator/demo-camera.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { until } from '../support/until.js';

const ADMIN_TOKEN = 'token-of-the-administrator';
const LOGIN = { user: 'somebody', password: 'pass#with@signs/and:more' };

describe('cameras come, change and go while the server runs', () => {
  const cleanup = new Cleanup();
  let folder: string;
  let open: Mount;
  let locked: Mount;
  let server: FramewellServer;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-runtime-')), (it) => rm(it, { recursive: true }));
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip(DEMO_CLIP_PATH);
    open = simulator.addMount('/open', clip);
    locked = simulator.addMount('/locked', clip, { auth: { scheme: 'digest', ...LOGIN } });
    server = await startServer();
    cleanup.add(undefined, () => server.stop());
  });

  after(() => cleanup.run());

  function startServer(): Promise<FramewellServer> {
    return FramewellServer.start({
      cameras: [{ id: 'first', url: open.url }],
      environment: { ADMIN_TOKEN, STATE_FILE: join(folder, 'cameras.json') },
      secrets: [LOGIN.user, LOGIN.password, ADMIN_TOKEN],
    });
  }

  async function ask(method: string, path: string, body?: object): Promise<Response> {
    return fetch(new URL(path, server.origin), {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  function untilLogged(words: RegExp): Promise<true> {
    return until(async () => words.test(server.logs) || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected ${String(words)} in the log but it was ${server.logs}`,
    });
  }

  const sessionsOf = ({ counters }: CameraReport) => (counters as { sessions: number }).sessions;

  test('a .env that changes adds and removes cameras, and leaves the others alone', async () => {
    await server.untilState('first', 'live');
    await writeFile(server.envFile, `CAMERA_URL_2=${open.url}\nCAMERA_ID_2=second\n`);
    await untilLogged(/"cameras":2,"msg":"Settings read again"/);
    await server.untilState('second', 'live');

    await writeFile(server.envFile, `CAMERA_URL_2=http://${LOGIN.user}:${LOGIN.password}@host/\nCAMERA_ID_2=second\n`);
    await untilLogged(/Settings not read again: they have mistakes/);
    assert.equal((await server.camera('second')).state.name, 'live');

    await rm(server.envFile);
    process.kill(server.pid, 'SIGHUP');
    await untilLogged(/"cameras":1,"msg":"Settings read again"/);
    assert.equal((await server.get('/cameras/second')).status, 404);
    const first = await server.camera('first');
    assert.deepEqual([first.state.name, sessionsOf(first)], ['live', 1]);
  });

  test('a camera is added with a wrong password, parked, and comes up when it is mended', async () => {
    const camera = { id: 'guest', url: locked.url, user: LOGIN.user, password: 'mistyped' };
    assert.equal((await ask('POST', '/cameras', camera)).status, 201);
    const parked = await server.untilState('guest', 'parked');
    assert.equal(parked.state.cause?.code, 'ERR_RTSP_UNAUTHORIZED');
    assert.deepEqual((parked.counters as { endings: object }).endings, { ERR_RTSP_UNAUTHORIZED: 2 });

    // The operator asks again, with the password as it is: two tries more.
    assert.equal((await ask('POST', '/cameras/guest/retry')).status, 202);
    await server.untilCamera('guest', (guest) => guest.state.name === 'parked' && sessionsOf(guest) === 4);

    assert.equal((await ask('PATCH', '/cameras/guest', { password: LOGIN.password })).status, 200);
    await server.untilState('guest', 'live');
    assert.equal((await server.snapshot('guest')).status, 200);
  });

  test('it comes back after a restart, and asks for what was not kept', async () => {
    const kept = await readFile(join(folder, 'cameras.json'), 'utf8');
    assert.ok(!kept.includes(LOGIN.user) && !kept.includes(LOGIN.password));
    await server.stop();
    server = await startServer();
    const { state } = await server.untilState('guest', 'parked');
    assert.equal(state.cause?.code, 'ERR_CREDENTIALS_MISSING');
    assert.equal((await ask('PATCH', '/cameras/guest', { url: locked.url, ...LOGIN })).status, 200);
    await server.untilState('guest', 'live');

    assert.equal((await ask('DELETE', '/cameras/guest')).status, 204);
    assert.equal((await server.get('/cameras/guest')).status, 404);
    assert.equal((await server.camera('first')).state.name, 'live');
  });
});
