import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig, type Config } from '../../services/config.js';
import { problemsOf } from '../support/config-problems.js';

function camerasOf({ cameras }: Config) {
  return cameras.map(({ id, name, decode, source }) => {
    return { id, name, decode, transport: source.transport, url: source.connectionUrl() };
  });
}

describe('settings of cameras', () => {
  test('are named after their number, decode on demand, come over TCP', () => {
    assert.deepEqual(camerasOf(loadConfig({ CAMERA_URL_1: 'rtsp://host/a' })), [
      { id: 'camera-1', name: 'camera-1', decode: 'on-demand', transport: 'tcp', url: 'rtsp://host/a' },
    ]);
  });

  test('have an id, a name, a login, a transport and a decode mode of their own', () => {
    const config = loadConfig({
      CAMERA_URL_3: 'rtsp://host/a',
      CAMERA_ID_3: 'Front_door-1',
      CAMERA_NAME_3: 'Haustür (vorn)',
      CAMERA_USER_3: 'viewer',
      CAMERA_PASSWORD_3: 'p@ss#w%rd:!/?',
      CAMERA_TRANSPORT_3: 'udp',
      CAMERA_DECODE_3: 'keyframes',
    });
    assert.deepEqual(camerasOf(config), [
      {
        id: 'Front_door-1',
        name: 'Haustür (vorn)',
        decode: 'keyframes',
        transport: 'udp',
        url: 'rtsp://viewer:p%40ss%23w%25rd%3A!%2F%3F@host/a',
      },
    ]);
  });

  test('are ordered by number, gaps and all', () => {
    const config = loadConfig({
      CAMERA_URL_10: 'rtsp://host/ten',
      CAMERA_URL_9: 'rtsp://host/nine',
      CAMERA_URL_0: 'rtsp://host/zero',
    });
    assert.deepEqual(
      config.cameras.map(({ id }) => id),
      ['camera-0', 'camera-9', 'camera-10'],
    );
  });

  test('with an empty URL are not set', () => {
    assert.deepEqual(loadConfig({ CAMERA_URL_1: '', CAMERA_PASSWORD_1: '' }).cameras, []);
  });

  const bad: [title: string, environment: Record<string, string>, problem: RegExp][] = [
    [
      'another scheme',
      { CAMERA_URL_1: 'http://user:secret@host/' },
      /^Expected rtsp:.* for CAMERA_URL_1 but received http:\/\/; CAMERA_PASSWORD_1 takes a password as it is$/,
    ],
    ...['file:///etc/passwd', 'concat:rtsp://host/', 'pipe:0', 'tcp://host:80', '/dev/video0'].map(
      (url): [string, Record<string, string>, RegExp] => [
        url,
        { CAMERA_URL_1: url },
        /^Expected rtsp:.* or rtsps:.* for CAMERA_URL_1 but received /,
      ],
    ),
    [
      'no host',
      { CAMERA_URL_1: 'rtsp:///path' },
      /^Expected rtsp:.* for CAMERA_URL_1 but received one without a host$/,
    ],
    [
      'a password that makes the URL ambiguous',
      { CAMERA_URL_2: 'rtsp://user:12/secret@host/path' },
      /for CAMERA_URL_2 but received a URL that can be read in several ways; CAMERA_PASSWORD_2 takes/,
    ],
    [
      'keys without a URL',
      { CAMERA_NAME_7: 'Yard', CAMERA_PASSWORD_7: 'secret' },
      /^Expected CAMERA_URL_7 beside the other keys of camera 7 but received none$/,
    ],
    [
      'a slip in a key',
      { CAMERA_URL_1: 'rtsp://host/', CAMERA_PASWORD_1: 'secret' },
      /^Expected a known key but received CAMERA_PASWORD_1; did you mean CAMERA_PASSWORD_1\?$/,
    ],
    [
      'a key without its number',
      { CAMERA_URL: 'rtsp://user:secret@host/' },
      /^Expected a known key but received CAMERA_URL; did you mean CAMERA_URL_1\?$/,
    ],
    [
      'a key without its underscore',
      { CAMERA_URL12: 'rtsp://host/' },
      /^Expected a known key but received CAMERA_URL12; did you mean CAMERA_URL_12\?$/,
    ],
    ['a number with a zero before it', { CAMERA_URL_01: 'rtsp://host/' }, /received CAMERA_URL_01; .* CAMERA_URL_1\?$/],
    [
      'an id that no path can have',
      { CAMERA_URL_1: 'rtsp://host/', CAMERA_ID_1: 'front door' },
      /^Expected 1-64 letters, digits, "_" or "-" for CAMERA_ID_1 but received "front door"$/,
    ],
    [
      'an id twice',
      { CAMERA_URL_1: 'rtsp://host/a', CAMERA_URL_2: 'rtsp://host/b', CAMERA_ID_2: 'camera-1' },
      /^Expected an id of its own for CAMERA_ID_2 but received "camera-1" again$/,
    ],
    [
      'an unknown transport',
      { CAMERA_URL_1: 'rtsp://host/', CAMERA_TRANSPORT_1: 'TCP' },
      /^Expected tcp, udp or multicast for CAMERA_TRANSPORT_1 but received "TCP"$/,
    ],
    [
      'an unknown decode mode',
      { CAMERA_URL_1: 'rtsp://host/', CAMERA_DECODE_1: 'never' },
      /^Expected on-demand, always or keyframes for CAMERA_DECODE_1 but received "never"$/,
    ],
    [
      'a URL under the wrong key',
      { CAMERA_URL_1: 'rtsp://host/', CAMERA_ID_1: 'rtsp://user:secret@host/' },
      /for CAMERA_ID_1 but received text with "@" or "\/" \(not shown\)$/,
    ],
  ];
  for (const [title, environment, problem] of bad) {
    test(`${title}: refused, and no secret said`, () => {
      const problems = problemsOf(environment);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0]!, problem);
      assert.doesNotMatch(problems[0]!, /secret/);
    });
  }
});
