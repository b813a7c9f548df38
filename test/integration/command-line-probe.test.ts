import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { Cleanup } from '../support/cleanup.js';
import { CommandLineScene, LOGIN } from '../support/command-line-scene.js';
import { CommandLine, runFramewell } from '../support/command-line.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

describe('framewell probe', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const login = { FRAMEWELL_CAMERA_USERNAME: LOGIN.user, FRAMEWELL_CAMERA_PASSWORD: LOGIN.password };
  let scene: CommandLineScene;

  before(async () => {
    scene = await CommandLineScene.start(cleanup);
  });

  after(() => cleanup.run());

  test('of a camera of the server tells what that knows', async () => {
    const { code, stdout } = await scene.framewell('probe', 'up');
    assert.equal(code, 0);
    assert.match(stdout.toString(), /^id +up\n/);
    assert.match(stdout.toString(), /\nstate +live since /);
    assert.match(stdout.toString(), /\nsize +640x360\n/);
  });

  test('of a URL opens the camera, with the login of the environment', async () => {
    const { code, stdout, stderr } = await runFramewell(['probe', scene.mount.url], login);
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
    const { code, stdout, stderr } = await runFramewell(['probe', scene.mount.url, '--transport', 'udp'], login);
    assert.equal(code, 0, stderr);
    assert.match(stdout.toString(), /\ntransport +udp\n/);
  });

  test('a login in the URL works, and is warned of', async () => {
    const { code, stdout, stderr } = await runFramewell(['probe', withLogin(scene.mount.url, LOGIN)]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Warning: .*FRAMEWELL_CAMERA_PASSWORD/);
    assertNoSecret(stdout.toString() + stderr);
  });

  test('Ctrl-C ends it, and the session of the camera', async () => {
    const playing = once(scene.mount, 'play');
    const probing = new CommandLine(['probe', scene.mount.url], login);
    await playing;
    const left = once(scene.mount, 'leave');
    probing.child.kill('SIGINT');
    const { code, stderr } = await probing.outcome();
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' });
    await left;
  });

  const failures: [title: string, url: () => string | Promise<string>, code: RegExp][] = [
    ['a wrong password', () => withLogin(scene.mount.url, { ...LOGIN, password: 'hidden' }), /ERR_RTSP_UNAUTHORIZED: /],
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

function withLogin(url: string, { user, password }: { user: string; password: string }): string {
  return url.replace('//', `//${user}:${encodeURIComponent(password)}@`);
}

function assertNoSecret(text: string): void {
  for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password)]) assert.ok(!text.includes(secret), text);
}
