import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';

import { Cleanup } from '../support/cleanup.js';
import { CommandLineScene } from '../support/command-line-scene.js';
import { CommandLine } from '../support/command-line.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';

describe('framewell watch', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let scene: CommandLineScene;
  let folder: string;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-cli-')), (path) => rm(path, { recursive: true }));
    scene = await CommandLineScene.start(cleanup);
  });

  after(() => cleanup.run());

  test('a line a picture, until as many have come as asked for', async () => {
    const { code, stdout, stderr } = await scene.framewell('watch', 'up', '--count', '5', '--width', '320');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^up: live\n/);
    const lines = stdout.toString().trimEnd().split('\n');
    assert.equal(lines.length, 5);
    for (const line of lines.slice(1)) {
      assert.match(line, /^\d+ {2}\d+ ms old {2}320x180 {2}\d+ bytes {2}\d+\.\d fps {2}rung \d+$/);
    }
  });

  test('JSON lines: the greeting, then pictures with sequences that grow', async () => {
    const { code, stdout } = await scene.framewell('watch', 'up', '--count', '5', '--json');
    assert.equal(code, 0);
    const [hello, ...others] = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(hello.type, 'hello');
    assert.equal(hello.cameras[0].id, 'up');
    const pictures = others.filter(({ type }) => type === 'picture');
    assert.equal(pictures.length, 5);
    for (const [index, picture] of pictures.entries()) {
      assert.deepEqual([picture.width, picture.height], [640, 360]);
      assert.ok(Math.abs(Date.now() - picture.receivedAtMs) < 60_000);
      assert.ok(picture.ageMs >= 0 && picture.ageMs < 10_000 && picture.bytes > 1000);
      assert.ok(index === 0 || picture.sequence > pictures[index - 1].sequence);
    }
  });

  test('pictures as files, named by camera and sequence', async () => {
    const out = join(folder, 'watched');
    const { code, stderr } = await scene.framewell('watch', 'up', '--count', '3', '--out', out);
    assert.equal(code, 0, stderr);
    const files = await readdir(out);
    assert.equal(files.length, 3);
    for (const file of files) {
      assert.match(file, /^up-\d+\.jpg$/);
      assert.equal((await decodeJpeg(await readFile(join(out, file)))).width, 640);
    }
  });

  test('Ctrl-C ends it', async () => {
    const watching = new CommandLine(['watch', 'up'], { FRAMEWELL_SERVER: scene.server.origin });
    await watching.printed(2);
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.outcome();
    assert.equal(code, 0, stderr);
    await scene.server.untilCamera('up', ({ viewers }) => viewers === 0);
  });

  test('Ctrl-C ends it also while the server has not answered', async () => {
    const mute = createTcpServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const connected = once(mute, 'connection') as Promise<[Socket]>;
    const watching = new CommandLine(['watch', 'up', '--server', originOf(mute)]);
    const [socket] = await connected;
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.outcome();
    socket.destroy();
    mute.close();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  test('a reader that goes ends it without a word', async () => {
    const watching = new CommandLine(['watch', 'up', '--json'], { FRAMEWELL_SERVER: scene.server.origin });
    await watching.printed(2);
    watching.child.stdout!.destroy();
    const { code, stderr } = await watching.outcome();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  test('an unknown camera', async () => {
    const { code, stderr } = await scene.framewell('watch', 'nobody');
    assert.equal(code, 1);
    assert.match(stderr, /^framewell: ERR_CAMERA_NOT_FOUND: /);
  });

  test('a server that does not know the protocol is an error, not another format', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const sockets = new WebSocketServer({ server: http, handleProtocols: () => false });
    const { code, stdout, stderr } = await scene.framewell('watch', 'up', '--server', originOf(http));
    sockets.close();
    http.close();
    assert.equal(code, 1);
    assert.match(stderr, /subprotocol/);
    assert.equal(stdout.length, 0);
  });
});

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
