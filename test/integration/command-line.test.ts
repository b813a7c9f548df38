import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Cleanup } from '../support/cleanup.js';
import { CommandLineScene } from '../support/command-line-scene.js';
import { runFramewell } from '../support/command-line.js';
import { readFrameNumber } from '../support/frame-number.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

const PROGRAM = fileURLToPath(new URL('../../cli/framewell.js', import.meta.url));

describe('the framewell program', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let scene: CommandLineScene;
  let folder: string;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-cli-')), (path) => rm(path, { recursive: true }));
    scene = await CommandLineScene.start(cleanup);
  });

  after(() => cleanup.run());

  test('list has a line for each camera, with the cause of one that is down', async () => {
    const { code, stdout, stderr } = await scene.framewell('list');
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
      const { code, stdout, stderr } = await scene.framewell(
        'snapshot',
        'up',
        '-o',
        file,
        '--width',
        '320',
        '--quality=90',
      );
      assert.equal(code, 0, stderr);
      assert.equal(stdout.length, 0);
      assert.match(stderr, /small\.jpg: \d+ bytes, sequence \d+, \d+\.\d s old\n$/);
      const { width, height } = await decodeJpeg(await readFile(file));
      assert.deepEqual([width, height], [320, 180]);
    });

    test('to the standard output, and nothing else', async () => {
      const { code, stdout, stderr } = await scene.framewell('snapshot', 'up');
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.notEqual(readFrameNumber(await decodeJpeg(stdout)), undefined);
    });

    test('in another format', async () => {
      const { code, stdout } = await scene.framewell('snapshot', 'up', '--format', 'webp');
      assert.equal(code, 0);
      assert.equal(stdout.subarray(8, 12).toString(), 'WEBP');
    });

    test('a terminal gets no binary', () => {
      // util-linux's script gives the program a terminal.
      const command = `"${process.execPath}" "${PROGRAM}" snapshot up --server ${scene.server.origin}`;
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
        const { code, stdout, stderr } = await scene.framewell(...args);
        assert.equal(code, 1);
        assert.match(stderr, expected);
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
        const { code, stdout, stderr } = await scene.framewell(...args);
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
      const { code, stderr } = await scene.framewell(...args, '--server', origin);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`Expected a Framewell server at ${origin}/ but ECONNREFUSED`));
    }
  });
});
