import assert from 'node:assert/strict';
import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { DEMO_CLIP_PATH } from '../../simulator/demo-camera.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { FramewellServer } from '../support/framewell-server.js';

const SERVER = fileURLToPath(new URL('../../server.js', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the server, in a folder with that .env. */
function start(
  t: TestContext,
  environment: Record<string, string>,
  envFile = '',
): { child: ChildProcess; run: Promise<Run> } {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-start-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '.env'), envFile);
  const env = { PATH: process.env.PATH, ...environment };
  const output = { stdout: '', stderr: '' };
  const child = execFile(process.execPath, [SERVER], { cwd: folder, env, timeout: 10_000 });
  for (const name of ['stdout', 'stderr'] as const) child[name]!.on('data', (text: string) => (output[name] += text));
  return { child, run: once(child, 'close').then(([code]: (number | null)[]) => ({ code: code!, ...output })) };
}

/** Runs the server until it gives up. */
function fail(t: TestContext, environment: Record<string, string>, envFile?: string): Promise<Run> {
  return start(t, environment, envFile).run;
}

async function startCamera(t: TestContext): Promise<Mount> {
  const simulator = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => simulator.close());
  return simulator.addMount('/front', await loadClip(DEMO_CLIP_PATH));
}

test('wrong settings stop the start, and all are named without their secrets', async (t) => {
  const { code, stderr } = await fail(
    t,
    { PORT: 'x' },
    'CAMERA_URL_1=http://user:sec#ret@host/\nCAMERA_PASWORD_2=sec#ret',
  );
  assert.equal(code, 1);
  assert.match(stderr, /^Framewell cannot start:\n/);
  assert.match(stderr, /^- Expected integer 0-65535 for PORT but received "x"$/m);
  assert.match(stderr, /^- Expected rtsp:.* for CAMERA_URL_1 but received http:\/\//m);
  assert.match(stderr, /^- .* CAMERA_PASWORD_2; did you mean CAMERA_PASSWORD_2\?$/m);
  assert.doesNotMatch(stderr, /sec#ret|ret@| {4}at /);
});

test('cameras are not opened to a network without a word, nor connected to', async (t) => {
  const camera = await startCamera(t);
  let plays = 0;
  camera.on('play', () => plays++);
  const { code, stderr } = await fail(t, {
    HOST: '0.0.0.0',
    PORT: '0',
    CAMERA_URL_1: camera.url,
    LOG_LEVEL: 'silent',
  });
  assert.equal(code, 1);
  assert.equal(
    stderr,
    'Framewell cannot start:\n' +
      '- HOST=0.0.0.0 opens the cameras to others: set API_TOKENS, or ALLOW_ANONYMOUS=true if everybody may see them\n',
  );
  assert.equal(plays, 0);
});

test('a port in use is said in a sentence', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await fail(t, { PORT: String(port), LOG_LEVEL: 'silent' });
  assert.equal(code, 1);
  assert.equal(stderr, `Framewell cannot start:\nPort ${port} of 127.0.0.1 is in use; set PORT to another one\n`);
});

test('a port in use ends the cameras that have connected meanwhile', async (t) => {
  const camera = await startCamera(t);
  const left = once(camera, 'leave');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { code } = await fail(t, { PORT: String(port), CAMERA_URL_1: camera.url, LOG_LEVEL: 'silent' });
  assert.equal(code, 1);
  await left;
});

test('a signal that comes as soon as a camera plays, before the HTTP side is loaded, ends it in order', async (t) => {
  const camera = await startCamera(t);
  const left = once(camera, 'leave');
  const { child, run } = start(t, { PORT: '0', CAMERA_URL_1: camera.url, LOG_LEVEL: 'silent' });
  await once(camera, 'play');
  child.kill('SIGTERM');
  assert.deepEqual(await run, { code: 0, stdout: '', stderr: '' });
  await left;
});

test('an address of another machine is said in a sentence', async (t) => {
  const { code, stderr } = await fail(t, {
    HOST: '192.0.2.1',
    PORT: '0',
    ALLOW_ANONYMOUS: 'true',
    LOG_LEVEL: 'silent',
  });
  assert.equal(code, 1);
  assert.match(stderr, /192\.0\.2\.1 is no address of this machine; set HOST/);
});

test('without a camera it says so and shows the demo camera', async () => {
  const server = await FramewellServer.start({ cameras: [] });
  try {
    await server.untilState('demo', 'live');
    assert.match(
      server.logs,
      /^No camera is configured \(CAMERA_URL_1 in \.env\), so the built-in demo camera is shown\.$/m,
    );
    assert.match(server.logs, /^Framewell is at http:\/\/127\.0\.0\.1:\d+\/$/m);
    const { status, body } = await server.get('/cameras/demo/snapshot.jpg');
    assert.equal(status, 200);
    assert.deepEqual([...body.subarray(0, 2)], [0xff, 0xd8]);
  } finally {
    await server.stop();
  }
});
