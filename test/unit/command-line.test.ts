import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';

import { ArrivalRate } from '../../cli/arrival-rate.js';
import { CommandFailure } from '../../cli/failure.js';
import { jpegSize } from '../../cli/jpeg-size.js';
import { DEFAULT_SERVER, ServerClient } from '../../cli/server-client.js';
import { printable } from '../../cli/terminal.js';
import { readArguments, readCameraId, readInteger, readNumber, shown, UsageError } from '../../cli/usage.js';

const OPTIONS = {
  width: { type: 'string' },
  output: { type: 'string', short: 'o' },
  json: { type: 'boolean' },
} as const;

describe('arguments', () => {
  test('options and operands in any order', () => {
    const { values, operands } = readArguments(['-o', 'a.jpg', 'front', '--json', '--width=320'], OPTIONS, ['camera']);
    assert.deepEqual({ ...values }, { output: 'a.jpg', json: true, width: '320' });
    assert.deepEqual(operands, ['front']);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [[], /^Expected <camera>$/],
    [['front', 'rtsp://u:secret@host'], /^Expected nothing after <camera>$/],
    [['front', '--widht', '3'], /--widht/],
    [['front', '--width'], /--width/],
    [['front', '--json=yes'], /--json/],
  ];
  for (const [args, message] of wrong) {
    test(`"${args.join(' ')}" is wrong`, () => {
      assert.throws(
        () => readArguments(args, OPTIONS, ['camera']),
        (error: Error) =>
          error instanceof UsageError && message.test(error.message) && !error.message.includes('secret'),
      );
    });
  }

  test('numbers are decimal digits', () => {
    assert.equal(readInteger('width', '320'), 320);
    assert.equal(readInteger('width', undefined), undefined);
    for (const text of ['', '-1', '1.5', '1e3', '0x10', 'wide', '99999999999']) {
      assert.throws(() => readInteger('width', text), UsageError, text);
    }
  });

  test('numbers may have a fraction where that means something', () => {
    assert.equal(readNumber('fps', '0.5'), 0.5);
    for (const text of ['', '-1', '.5', '1.', '1e3', 'fast']) assert.throws(() => readNumber('fps', text), UsageError);
  });

  test('what is no id of a camera is not repeated', () => {
    assert.equal(readCameraId('front-door_2'), 'front-door_2');
    for (const text of ['rtsp://u:secret@host', '', '../cameras', 'a b']) {
      assert.throws(
        () => readCameraId(text),
        (error: Error) => error instanceof UsageError && (text === '' || !error.message.includes(text)),
      );
    }
  });

  test('a wrong word is shown unless it may be a URL', () => {
    assert.equal(shown('wacth'), '"wacth"');
    assert.doesNotMatch(shown('rtsp://u:secret@host'), /secret/);
  });
});

describe('the server', () => {
  test('paths are below that of its URL, and empty parameters are left out', () => {
    const server = new ServerClient('https://proxy.test/cams');
    const url = server.socketUrl('cameras/front/stream', { width: 320, quality: undefined });
    assert.equal(url.href, 'wss://proxy.test/cams/cameras/front/stream?width=320');
  });

  test('the default is that of the settings', () => assert.equal(DEFAULT_SERVER, 'http://127.0.0.1:3000'));

  for (const text of ['127.0.0.1:3000', 'rtsp://host/', 'http://u:secret@host/', 'http://']) {
    test(`"${text}" is refused, without repeating it`, () => {
      assert.throws(
        () => new ServerClient(text),
        (error: Error) => error instanceof UsageError && !error.message.includes('secret'),
      );
    });
  }
});

describe('failures', () => {
  test('the code and words of an answer, and the reason behind them', () => {
    const answer = {
      code: 'ERR_CAMERA_DOWN',
      message: 'Down',
      cause: { code: 'ERR_RTSP_DNS', message: 'No such host' },
    };
    const failure = CommandFailure.fromAnswer(JSON.stringify(answer));
    assert.equal(failure?.toString(), 'ERR_CAMERA_DOWN: Down\n  ERR_RTSP_DNS: No such host');
  });

  for (const text of ['<html>', 'null', '{}', '{"code":1,"message":"x"}', '']) {
    test(`"${text}" is no answer of a Framewell server`, () => {
      assert.equal(CommandFailure.fromAnswer(text), undefined);
    });
  }
});

describe('JPEG sizes', () => {
  for (const progressive of [false, true]) {
    test(progressive ? 'progressive' : 'baseline, with metadata before the frame header', async () => {
      const picture = sharp({ create: { width: 321, height: 77, channels: 3, background: 'red' } });
      const jpeg = await picture
        .withExif({ IFD0: { Copyright: 'test' } })
        .jpeg({ progressive })
        .toBuffer();
      assert.deepEqual(jpegSize(jpeg), { width: 321, height: 77 });
    });
  }

  test('bytes that are no JPEG', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from('ffd8ffd9', 'hex')]) {
      assert.throws(() => jpegSize(bytes), RangeError);
    }
  });
});

test('the rate is that of the last three seconds', () => {
  const rate = new ArrivalRate();
  rate.count(0);
  assert.equal(rate.perSecond, undefined);
  for (let atMs = 40; atMs <= 1000; atMs += 40) rate.count(atMs);
  assert.equal(rate.perSecond, 25);
  for (let atMs = 1200; atMs <= 5000; atMs += 200) rate.count(atMs);
  assert.equal(rate.perSecond, 5);
});

test('a terminal is sent no control characters', () => {
  assert.equal(printable('Front\u001b[2J\u0007 door\u009b ü 門'), 'Front\uFFFD[2J\uFFFD door\uFFFD ü 門');
});
