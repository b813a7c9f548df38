import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CameraRegistry } from '../../services/cameras/camera-registry.js';
import { CameraRoster } from '../../services/cameras/camera-roster.js';
import { CameraSource } from '../../services/cameras/camera-source.js';
import { loadConfig } from '../../services/config.js';
import { settingsReloader } from '../../services/settings-reload.js';
import { watchSettings } from '../../services/settings-watch.js';
import { FakeStream } from '../support/fake-stream.js';
import { memoryLog } from '../support/test-app.js';

const PASSWORD = 'hidden-pa$$word';

function start(settings: Record<string, string>) {
  const { log, lines } = memoryLog();
  const streams: FakeStream[] = [];
  const createDecoder = () => {
    const stream = new FakeStream();
    streams.push(stream);
    return stream;
  };
  const registry = new CameraRegistry({ createDecoder }, log);
  const runtime = [
    { id: 'guest', name: 'guest', source: new CameraSource('rtsp://guest/'), decode: 'always' } as const,
  ];
  const roster = new CameraRoster(registry, { configured: loadConfig(settings).cameras, runtime });
  registry.start();
  let now = settings;
  const reload = settingsReloader(() => now, roster, log);
  return {
    lines,
    streams,
    reloadWith: (next: Record<string, string>) => {
      now = next;
      return reload();
    },
    ids: () => registry.list().map(({ id }) => id),
  };
}

const TWO = { CAMERA_URL_1: 'rtsp://host/a', CAMERA_URL_2: 'rtsp://host/b', CAMERA_PASSWORD_2: PASSWORD };

test('only the cameras that are others now are touched', async () => {
  const { reloadWith, streams, ids } = start(TWO);
  await reloadWith({ ...TWO, CAMERA_PASSWORD_2: 'another', CAMERA_URL_3: 'rtsp://host/c' });
  assert.deepEqual(ids(), ['camera-1', 'camera-2', 'camera-3', 'guest']);
  assert.deepEqual(
    streams.map(({ isStopped }) => isStopped),
    [false, true, false, false, false],
  );
  await reloadWith({ CAMERA_URL_1: TWO.CAMERA_URL_1 });
  assert.deepEqual(ids(), ['camera-1', 'guest']);
});

test('settings with mistakes change nothing, and are logged without secrets', async () => {
  const { reloadWith, streams, ids, lines } = start(TWO);
  await reloadWith({ CAMERA_URL_1: `http://u:${PASSWORD}@host/`, PORT: 'x', CAMERA_PASWORD_2: PASSWORD });
  assert.deepEqual(ids(), ['camera-1', 'camera-2', 'guest']);
  assert.ok(streams.every(({ isStopped }) => !isStopped));
  const { level, msg, problems } = lines.at(-1)!;
  assert.deepEqual([level, msg], [50, 'Settings not read again: they have mistakes']);
  assert.equal((problems as string[]).length, 3);
  assert.ok(!JSON.stringify(lines).includes(PASSWORD));
});

test('an id that a camera of run time has changes nothing', async () => {
  const { reloadWith, ids, lines } = start(TWO);
  await reloadWith({ CAMERA_URL_1: 'rtsp://host/a', CAMERA_ID_1: 'guest' });
  assert.deepEqual(ids(), ['camera-1', 'camera-2', 'guest']);
  assert.deepEqual(lines.at(-1)!.problems, ['Expected an id of its own but guest is taken']);
});

test("the server's own settings are named when they need a restart, without their values", async () => {
  const { reloadWith, lines } = start(TWO);
  await reloadWith({ ...TWO, PORT: '4000', ADMIN_TOKEN: `${PASSWORD}-${PASSWORD}` });
  assert.deepEqual(lines.at(-1)!.keys, ['PORT', 'ADMIN_TOKEN']);
  assert.ok(!JSON.stringify(lines).includes(PASSWORD));
});

async function watchedFile(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'framewell-watch-'));
  const path = join(folder, '.env');
  let change: () => void = () => undefined;
  const stop = watchSettings(path, () => change(), memoryLog().log);
  // The watch holds no process open, and a promise does not either.
  const keepAlive = setInterval(() => undefined, 1000);
  t.after(async () => {
    stop();
    clearInterval(keepAlive);
    await rm(folder, { recursive: true });
  });
  return { folder, path, changed: () => new Promise<void>((resolve) => (change = resolve)) };
}

test('a settings file that is made, written or replaced is noticed', { timeout: 10_000 }, async (t) => {
  const { folder, path, changed } = await watchedFile(t);
  let noticed = changed();
  await writeFile(path, 'PORT=1\n');
  await noticed;
  noticed = changed();
  await appendFile(path, 'HOST=::1\n');
  await noticed;
  noticed = changed();
  await writeFile(join(folder, 'new'), 'PORT=2\n');
  await rename(join(folder, 'new'), path);
  await noticed;
});

test('SIGHUP asks for the settings again', { timeout: 10_000 }, async (t) => {
  const { changed } = await watchedFile(t);
  const noticed = changed();
  process.emit('SIGHUP', 'SIGHUP');
  await noticed;
});
