import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { CommandLine, runFramewell, type Outcome } from '../support/command-line.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

const LOGIN = { user: 'keeper', password: 'se:cr@t#1' };
const PROGRAM = fileURLToPath(new URL('../../cli/framewell.js', import.meta.url));

describe('the framewell program', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let mount: Mount;
  let cameraUrl: string;
  let folder: string;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-cli-')), (path) => rm(path, { recursive: true }));
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip()).path);
    mount = simulator.addMount('/locked', clip, { auth: { scheme: 'digest', ...LOGIN } });
    cameraUrl = mount.url;
    server = await FramewellServer.start({
      cameras: [
        { id: 'up', url: mount.url, ...LOGIN },
        { id: 'refused', url: `rtsp://127.0.0.1:${await unusedPort()}/stream`, ...LOGIN },
      ],
    });
    cleanup.add(server, (it) => it.stop());
    await server.untilState('up', 'live');
    await server.untilCamera('refused', ({ state }) => state.cause !== undefined);
  });

  after(() => cleanup.run());

  const framewell = (...args: string[]): Promise<Outcome> => runFramewell(args, { FRAMEWELL_SERVER: server.origin });

  test('list has a line for each camera, with the cause of one that is down', async () => {
    const { code, stdout, stderr } = await framewell('list');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const [heading, up, refused, ...rest] = stdout.toString().split('\n');
    assert.match(heading!, /^ID +NAME +STATE +VIDEO/);
    assert.match(up!, /^up +up +live +h264 640x360 .*fps.* (cpu|cuda) +\d+\.\d s ago$/);
    assert.match(refused!, /^refused +refused .* ERR_RTSP_REFUSED: /);
    assert.deepEqual(rest, ['']);
  });

  describe('snapshot', () => {
    test('to a file, in the size asked for, telling sequence and age', async () => {
      const file = join(folder, 'small.jpg');
      const { code, stdout, stderr } = await framewell('snapshot', 'up', '-o', file, '--width', '320', '--quality=90');
      assert.equal(code, 0, stderr);
      assert.equal(stdout.length, 0);
      assert.match(stderr, /small\.jpg: \d+ bytes, sequence \d+, \d+\.\d s old\n$/);
      const { width, height } = await decodeJpeg(await readFile(file));
      assert.deepEqual([width, height], [320, 180]);
    });

    test('to the standard output, and nothing else', async () => {
      const { code, stdout, stderr } = await framewell('snapshot', 'up');
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.notEqual(readFrameNumber(await decodeJpeg(stdout)), undefined);
    });

    test('in another format', async () => {
      const { code, stdout } = await framewell('snapshot', 'up', '--format', 'webp');
      assert.equal(code, 0);
      assert.equal(stdout.subarray(8, 12).toString(), 'WEBP');
    });

    test('a terminal gets no binary', () => {
      // util-linux's script gives the program a terminal.
      const command = `"${process.execPath}" "${PROGRAM}" snapshot up --server ${server.origin}`;
      const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { timeout: 20_000 });
      assert.equal(status, 2);
      assert.match(stdout.toString(), /Expected -o <file>/);
    });

    const failures: [title: string, args: string[], stderr: RegExp][] = [
      ['a camera that is down', ['snapshot', 'refused'], /^framewell: ERR_CAMERA_DOWN: .*\n {2}ERR_RTSP_REFUSED: /],
      ['an unknown camera', ['snapshot', 'nobody'], /^framewell: ERR_CAMERA_NOT_FOUND: /],
      ['a value out of range', ['snapshot', 'up', '--quality', '101'], /^framewell: ERR_BAD_PARAMETER: .*quality/],
      [
        'a picture newer than any',
        ['snapshot', 'up', '--max-age', '0', '--wait', '0'],
        /^framewell: ERR_FRAME_STALE: /,
      ],
      ['a folder that there is not', ['snapshot', 'up', '-o', '/nowhere/a.jpg'], /^framewell: .*not written: ENOENT/],
    ];
    for (const [title, args, expected] of failures) {
      test(`${title}: exit code 1, and the reason`, async () => {
        const { code, stdout, stderr } = await framewell(...args);
        assert.equal(code, 1);
        assert.match(stderr, expected);
        assert.equal(stdout.length, 0);
      });
    }
  });

  describe('watch', () => {
    test('a line a picture, until as many have come as asked for', async () => {
      const { code, stdout, stderr } = await framewell('watch', 'up', '--count', '5', '--width', '320');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^up: live\n/);
      const lines = stdout.toString().trimEnd().split('\n');
      assert.equal(lines.length, 5);
      for (const line of lines.slice(1)) {
        assert.match(line, /^\d+ {2}\d+ ms old {2}320x180 {2}\d+ bytes {2}\d+\.\d fps {2}rung \d+$/);
      }
    });

    test('JSON lines: the greeting, then pictures with sequences that grow', async () => {
      const { code, stdout } = await framewell('watch', 'up', '--count', '5', '--json');
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
      const { code, stderr } = await framewell('watch', 'up', '--count', '3', '--out', out);
      assert.equal(code, 0, stderr);
      const files = await readdir(out);
      assert.equal(files.length, 3);
      for (const file of files) {
        assert.match(file, /^up-\d+\.jpg$/);
        assert.equal((await decodeJpeg(await readFile(join(out, file)))).width, 640);
      }
    });

    test('Ctrl-C ends it', async () => {
      const watching = new CommandLine(['watch', 'up'], { FRAMEWELL_SERVER: server.origin });
      await watching.printed(2);
      watching.child.kill('SIGINT');
      const { code, stderr } = await watching.outcome();
      assert.equal(code, 0, stderr);
      await server.untilCamera('up', ({ viewers }) => viewers === 0);
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
      const watching = new CommandLine(['watch', 'up', '--json'], { FRAMEWELL_SERVER: server.origin });
      await watching.printed(2);
      watching.child.stdout!.destroy();
      const { code, stderr } = await watching.outcome();
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    });

    test('an unknown camera', async () => {
      const { code, stderr } = await framewell('watch', 'nobody');
      assert.equal(code, 1);
      assert.match(stderr, /^framewell: ERR_CAMERA_NOT_FOUND: /);
    });

    test('a server that does not know the protocol is an error, not another format', async () => {
      const http = createServer().listen(0, '127.0.0.1');
      await once(http, 'listening');
      const sockets = new WebSocketServer({ server: http, handleProtocols: () => false });
      const { code, stdout, stderr } = await framewell('watch', 'up', '--server', originOf(http));
      sockets.close();
      http.close();
      assert.equal(code, 1);
      assert.match(stderr, /subprotocol/);
      assert.equal(stdout.length, 0);
    });
  });

  describe('probe', () => {
    const login = { FRAMEWELL_CAMERA_USERNAME: LOGIN.user, FRAMEWELL_CAMERA_PASSWORD: LOGIN.password };

    test('of a camera of the server tells what that knows', async () => {
      const { code, stdout } = await framewell('probe', 'up');
      assert.equal(code, 0);
      assert.match(stdout.toString(), /^id +up\n/);
      assert.match(stdout.toString(), /\nstate +live since /);
      assert.match(stdout.toString(), /\nsize +640x360\n/);
    });

    test('of a URL opens the camera, with the login of the environment', async () => {
      const { code, stdout, stderr } = await runFramewell(['probe', cameraUrl], login);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const facts = new Map(
        stdout
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => line.split(/ {2,}/) as [string, string]),
      );
      assert.equal(facts.get('codec'), 'h264');
      assert.equal(facts.get('size'), '640x360');
      assert.match(facts.get('rate')!, /^2[45](\.\d+)? fps, \d+ kbit\/s$/);
      assert.equal(facts.get('keyframe interval'), '2.0 s');
      assert.equal(facts.get('transport'), 'tcp');
      assert.equal(facts.get('ingest'), 'rtsp');
      assert.match(facts.get('first picture')!, /^after \d+\.\d s$/);
      assertNoSecret(stdout.toString());
    });

    test('over another transport', async () => {
      const { code, stdout, stderr } = await runFramewell(['probe', cameraUrl, '--transport', 'udp'], login);
      assert.equal(code, 0, stderr);
      assert.match(stdout.toString(), /\ntransport +udp\n/);
    });

    test('a login in the URL works, and is warned of', async () => {
      const { code, stdout, stderr } = await runFramewell(['probe', withLogin(cameraUrl, LOGIN)]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^Warning: .*FRAMEWELL_CAMERA_PASSWORD/);
      assertNoSecret(stdout.toString() + stderr);
    });

    test('Ctrl-C ends it, and the session of the camera', async () => {
      const playing = once(mount, 'play');
      const probing = new CommandLine(['probe', cameraUrl], login);
      await playing;
      const left = once(mount, 'leave');
      probing.child.kill('SIGINT');
      const { code, stderr } = await probing.outcome();
      assert.deepEqual({ code, stderr }, { code: 130, stderr: '' });
      await left;
    });

    const failures: [title: string, url: () => string | Promise<string>, code: RegExp][] = [
      ['a wrong password', () => withLogin(cameraUrl, { ...LOGIN, password: 'hidden' }), /ERR_RTSP_UNAUTHORIZED: /],
      ['no camera', async () => `rtsp://127.0.0.1:${await unusedPort()}/x`, /ERR_RTSP_REFUSED: /],
    ];
    for (const [title, url, expected] of failures) {
      test(`${title}: exit code 1, and the cause with its code`, async () => {
        const { code, stdout, stderr } = await runFramewell(['probe', await url()]);
        assert.equal(code, 1);
        assert.match(stderr, expected);
        assert.doesNotMatch(stderr, /hidden/);
        assert.equal(stdout.length, 0);
      });
    }
  });

  describe('wrong usage: exit code 2, and nothing done', () => {
    const cases: [args: string[], stderr: RegExp][] = [
      [[], /Expected a command: list, snapshot, watch, probe/],
      [['wacth'], /"wacth"/],
      [['toString'], /"toString"/],
      [['rtsp://u:hidden@host/'], /not shown/],
      [['snapshot'], /Expected <camera>/],
      [['snapshot', 'rtsp://u:hidden@host/', '-o', 'x'], /Expected a camera's id/],
      [['snapshot', 'up', '--width', 'wide'], /Expected an integer for --width but received "wide"/],
      [['list', 'up'], /Expected nothing after the command/],
      [['list', '--server', 'http://u:hidden@host/'], /--server/],
      [['probe', 'rtsp://u:hidden@/'], /Expected rtsp:\/\//],
      [['probe', 'rtsp://host/', '--transport', 'pigeon'], /Expected tcp, udp, multicast for --transport/],
      [['watch', 'up', '--count', '0'], /--count/],
    ];
    for (const [args, expected] of cases) {
      test(args.join(' ') || 'no argument', async () => {
        const { code, stdout, stderr } = await framewell(...args);
        assert.equal(code, 2, stderr);
        assert.match(stderr, expected);
        assert.doesNotMatch(stderr, /hidden/);
        assert.equal(stdout.length, 0);
      });
    }
  });

  test('help of the program and of each command, on the standard output', async () => {
    for (const args of [['--help'], ['list', '-h'], ['snapshot', '--help'], ['watch', '--help'], ['probe', '--help']]) {
      const { code, stdout, stderr } = await runFramewell(args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.match(stdout.toString(), /^Usage: framewell /);
    }
  });

  test('no server: exit code 1, and where it was looked for', async () => {
    const origin = `http://127.0.0.1:${await unusedPort()}`;
    for (const args of [['list'], ['snapshot', 'up'], ['watch', 'up'], ['probe', 'up']]) {
      const { code, stderr } = await framewell(...args, '--server', origin);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`Expected a Framewell server at ${origin}/ but ECONNREFUSED`));
    }
  });
});

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function withLogin(url: string, { user, password }: { user: string; password: string }): string {
  return url.replace('//', `//${user}:${encodeURIComponent(password)}@`);
}

function assertNoSecret(text: string): void {
  for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password)]) assert.ok(!text.includes(secret), text);
}
