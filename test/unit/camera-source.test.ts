import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { CameraSource } from '../../services/cameras/camera-source.js';
import { ParameterError } from '../../services/errors.js';

describe('a URL as people write it', () => {
  const readings: [written: string, connection: string][] = [
    ['rtsp://host', 'rtsp://host'],
    ['RTSP://host/Path', 'rtsp://host/Path'],
    ['rtsps://host:322/path?a=b', 'rtsps://host:322/path?a=b'],
    ['rtsp://[fe80::1]:554/path', 'rtsp://[fe80::1]:554/path'],
    ['rtsp://user@host/path', 'rtsp://user@host/path'],
    ['rtsp://user:pass@host/path', 'rtsp://user:pass@host/path'],
    ['rtsp://user:@host/path', 'rtsp://user@host/path'],
    ['rtsp://user:p%40ss@host/path', 'rtsp://user:p%40ss@host/path'],
    ['rtsp://user:p@ss#w%rd@host/path', 'rtsp://user:p%40ss%23w%25rd@host/path'],
    ['rtsp://user:a:b!c@host/path', 'rtsp://user:a%3Ab!c@host/path'],
    ['rtsp://user:what?@host/path', 'rtsp://user:what%3F@host/path'],
    ['rtsp://user:p@ss?@host/path', 'rtsp://user:p%40ss%3F@host/path'],
    ['rtsp://user:pa/ss@host/path', 'rtsp://user:pa%2Fss@host/path'],
    ['rtsp://user:pä ß@host/path', 'rtsp://user:p%C3%A4%20%C3%9F@host/path'],
    ['rtsp://host/path@2x', 'rtsp://host/path@2x'],
    ['rtsp://host/path?mail=a@b/c', 'rtsp://host/path?mail=a@b/c'],
    ['rtsp://host:554/login=p@ss&channel=1', 'rtsp://host:554/login=p@ss&channel=1'],
  ];
  for (const [written, connection] of readings) {
    test(`${written} connects to ${connection}`, () => {
      assert.equal(new CameraSource(written).connectionUrl(), connection);
    });
  }

  const refusals: [written: string, received: RegExp][] = [
    ['', /text without a scheme/],
    ['user:secret@host/path', /text without a scheme/],
    ['http://user:secret@host/path', /received http:\/\/$/],
    ['file:///etc/secret', /received file:\/\/$/],
    ['concat:rtsp://user:secret@host/', /without a scheme/],
    ['rtsp+file://secret/', /received rtsp\+file:\/\/$/],
    ['rtmp://user:secret@host/path', /received rtmp:\/\/$/],
    ['pipe:0', /without a scheme/],
    ['/etc/secret', /without a scheme/],
    [' rtsp://user:secret@host/', /without a scheme/],
    ['rtsp://', /without a host/],
    ['rtsp:///path', /without a host/],
    ['rtsp://user:secret@/path', /without a host/],
    ['rtsp://user:secret@host:70000/path', /wrong host or port/],
    ['rtsp://user:secret@[::zz]/path', /without a host/],
    ['rtsp://user:secret@host/path#fragment', /"#" after the host/],
    ['rtsp://admin:12/secret@host/path', /several ways/],
    ['rtsp://user:p@ss/secret@host/path', /several ways/],
    ['rtsp://user:p/a@host/secret@host/path', /several ways/],
    ['rtsp://user:secret@host/path@2x', /several ways/],
  ];
  for (const [written, received] of refusals) {
    test(`${written || 'empty text'} is refused without a word of it`, () => {
      assert.throws(
        () => new CameraSource(written),
        (error) => {
          assert.ok(error instanceof ParameterError);
          assert.match(error.message, received);
          assert.doesNotMatch(inspect(error), /secret/);
          return true;
        },
      );
    });
  }
});

describe('user and password apart from the URL', () => {
  test('need no escaping and go before those of the URL', () => {
    const source = new CameraSource('rtsp://other:old@host/path', { user: 'us:er', password: '@ # % : ! ? / %40' });
    assert.equal(source.connectionUrl(), 'rtsp://us%3Aer:%40%20%23%20%25%20%3A%20!%20%3F%20%2F%20%2540@host/path');
  });

  test('two passwords, or a slash in the user, make a path with "@" ambiguous', () => {
    assert.throws(() => new CameraSource('rtsp://user:a@b/c@host/', { password: 'secret' }), /in several ways/);
    assert.throws(() => new CameraSource('rtsp://domain/user:secret@host/'), /in several ways/);
  });

  test('a password apart lets the path have any "@"', () => {
    const source = new CameraSource('rtsp://user@host:554/path@2x', { password: 'secret' });
    assert.equal(source.connectionUrl(), 'rtsp://user:secret@host:554/path@2x');
  });
});

describe('what people see', () => {
  test('is scheme, host and path', () => {
    assert.equal(
      new CameraSource('rtsp://user:pass@host:8554/path?token=1').redactedUrl,
      'rtsp://***@host:8554/path?***',
    );
    assert.equal(new CameraSource('rtsp://host/path').redactedUrl, 'rtsp://host/path');
  });

  test('ends at the login of XMeye-style paths', () => {
    const path = '/user=admin_password=sec_ret_channel=1_stream=0.sdp';
    assert.equal(new CameraSource(`rtsp://host${path}`).redactedUrl, 'rtsp://host/user=***');
    assert.equal(new CameraSource('rtsp://host/live/PWD=sec/ret').redactedUrl, 'rtsp://host/live/PWD=***');
  });

  test('has nothing of a password, whatever its characters and wherever it was given', () => {
    const special = [...'@#%:!?/\\ &=+$\'"`()[]{}<>|^~,;*_-.ä€'];
    let tried = 0;
    for (const first of special) {
      for (const second of special) {
        const password = `Kqx${first}Vwz${second}Jyp`;
        for (const make of [
          () => new CameraSource(`rtsp://viewer:${password}@camera.test/stream`),
          () => new CameraSource('rtsp://camera.test/stream', { user: 'viewer', password }),
          () => new CameraSource(`rtsp://camera.test/stream?password=${password}`),
          () => new CameraSource(`rtsp://camera.test/user=viewer_password=${password}_channel=1`),
        ]) {
          const text = everythingPrintable(make);
          for (const part of ['Kqx', 'Vwz', 'Jyp']) {
            assert.ok(!text.includes(part), `${JSON.stringify(password)} shows ${part} in ${text}`);
          }
          tried += 1;
        }
      }
    }
    assert.equal(tried, special.length ** 2 * 4);
  });

  test('the engine gets a password back as it was given', () => {
    for (const character of '@#%:!?/\\ &=+$\'"`()[]{}<>|^~,;*_-.ä€') {
      const password = `a${character}b${character}`;
      const { password: encoded } = new URL(
        new CameraSource('rtsp://camera.test/', { user: 'viewer', password }).connectionUrl(),
      );
      assert.equal(decodeURIComponent(encoded), password);
    }
  });
});

/** All that a log, an answer or a console could make of the source, or of the error instead of one. */
function everythingPrintable(make: () => CameraSource): string {
  try {
    const source = make();
    return [
      String(source),
      JSON.stringify({ source }),
      inspect(source, { depth: 9, showHidden: true }),
      inspect({ nested: { source } }, { depth: 9 }),
      JSON.stringify(Object.entries(source)),
    ].join('\n');
  } catch (error) {
    assert.ok(error instanceof ParameterError, inspect(error));
    return `${inspect(error, { depth: 9, showHidden: true })}\n${JSON.stringify(error)}`;
  }
}
