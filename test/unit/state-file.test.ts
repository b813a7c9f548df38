import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { CameraConfig } from '../../services/cameras/camera-config.js';
import { CameraSource } from '../../services/cameras/camera-source.js';
import { StateFile } from '../../services/cameras/state-file.js';

const PASSWORD = 'p@ss/w:rd#%';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'framewell-state-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const open: CameraConfig = {
  id: 'open',
  name: 'Ohne Schloß',
  source: new CameraSource('rtsp://camera.test:8554/a/b', { transport: 'udp', ingest: 'libav', track: 2 }),
  decode: 'keyframes',
};
const locked: CameraConfig = {
  id: 'locked',
  name: 'locked',
  source: new CameraSource('rtsp://camera.test/path@1?token=1', { user: 'u', password: PASSWORD }),
  decode: 'on-demand',
};

test('cameras come back as they were, with credentials when they are kept', async (t) => {
  const file = new StateFile(join(await folderOf(t), 'cameras.json'), true);
  await file.write([open, locked]);
  const cameras = await file.read();
  assert.deepEqual(
    cameras.map(({ id, name, decode }) => ({ id, name, decode })),
    [open, locked].map(({ id, name, decode }) => ({ id, name, decode })),
  );
  assert.ok(cameras[0]!.source.equals(open.source) && cameras[1]!.source.equals(locked.source));
});

test('credentials are not kept unless asked for, and the camera says so instead of connecting', async (t) => {
  const path = join(await folderOf(t), 'cameras.json');
  const file = new StateFile(path, false);
  await file.write([open, locked]);
  const text = await readFile(path, 'utf8');
  assert.doesNotMatch(text, /p(@|%40)ss|token=1/);

  const [openAgain, lockedAgain] = (await file.read()) as [CameraConfig, CameraConfig];
  assert.ok(openAgain.source.equals(open.source));
  assert.equal(lockedAgain.source.redactedUrl, locked.source.redactedUrl);
  assert.throws(() => lockedAgain.source.connectionUrl(), { code: 'ERR_CREDENTIALS_MISSING' });
  // Written once more it is the same.
  await file.write([openAgain, lockedAgain]);
  assert.equal(await readFile(path, 'utf8'), text);

  const given = lockedAgain.source.changed({ url: 'rtsp://camera.test/path@1?token=1', user: 'u', password: PASSWORD });
  assert.ok(given.equals(locked.source));
  assert.ok(lockedAgain.source.changed({ password: PASSWORD }).isRedacted, 'the query is still missing');
});

test('only its owner reads the file, and nothing is left beside it', async (t) => {
  const folder = await folderOf(t);
  const path = join(folder, 'cameras.json');
  await writeFile(`${path}.new`, 'of a crash', { mode: 0o644 });
  await new StateFile(path, true).write([locked]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['cameras.json']);
});

test('without a file there are no cameras', async (t) => {
  assert.deepEqual(await new StateFile(join(await folderOf(t), 'none.json'), false).read(), []);
});

const broken: [title: string, text: string, words: RegExp][] = [
  ['no JSON', `{"password": "${PASSWORD}"`, /but: it is no JSON$/],
  ['another version', '{"version": 2, "cameras": []}', /Expected version 1 but received 2$/],
  [
    'a field that is none',
    `{"version": 1, "cameras": [{"url": "rtsp://h/", "pass": "${PASSWORD}"}]}`,
    /another field$/,
  ],
  ['a URL that is none', `{"version": 1, "cameras": [{"id": "a", "url": "${PASSWORD}"}]}`, /Invalid URL$/],
];
for (const [title, text, words] of broken) {
  test(`${title} is an error that shows no secret`, async (t) => {
    const path = join(await folderOf(t), 'cameras.json');
    await writeFile(path, text);
    await assert.rejects(new StateFile(path, true).read(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ERR_STATE_FILE');
      assert.match(error.message, words);
      assert.ok(!error.message.includes(PASSWORD));
      return true;
    });
  });
}

test('a file that cannot be written is an error with its code', async (t) => {
  const file = new StateFile(join(await folderOf(t), 'no-such-folder', 'cameras.json'), false);
  await assert.rejects(file.write([open]), { code: 'ERR_STATE_FILE' });
});
