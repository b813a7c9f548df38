import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { TOKEN_FORMAT } from '../../services/access/access-tokens.js';
import { loadConfig, readEnvironment, type Config } from '../../services/config.js';
import { problemsOf } from '../support/config-problems.js';

describe('settings of the server', () => {
  test('have defaults', () => {
    assert.deepEqual(loadConfig({}), {
      host: '127.0.0.1',
      port: 3000,
      logLevel: 'info',
      decodeLingerMs: 5000,
      gopRingMaxBytes: 16_777_216,
      frameBufferSize: 3,
      connectTimeoutMs: 10_000,
      stallTimeoutMs: 10_000,
      decodeThreads: 0,
      connectConcurrency: 16,
      lossPolicy: 'strict',
      engine: 'auto',
      gpuId: 0,
      gpuIds: undefined,
      jpegQuality: 80,
      clientMaxRequests: 1000,
      encodeQueueMax: 0,
      cameraNetworks: undefined,
      apiTokens: undefined,
      apiTokensFile: undefined,
      adminToken: undefined,
      allowAnonymous: false,
      allowedOrigins: undefined,
      requestsPerMinute: 12_000,
      trustProxy: undefined,
      tlsCertFile: undefined,
      tlsKeyFile: undefined,
      readyLivePercent: 50,
      webhookUrl: undefined,
      webhookSecret: undefined,
      stateFile: undefined,
      stateFileCredentials: false,
      cameras: [],
    });
  });

  const good: [key: string, text: string, property: keyof Config, value: unknown][] = [
    ['HOST', '0.0.0.0', 'host', '0.0.0.0'],
    ['HOST', '::1', 'host', '::1'],
    ['HOST', 'nvr.example.test', 'host', 'nvr.example.test'],
    ['HOST', '', 'host', '127.0.0.1'],
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
    ['DECODE_LINGER_MS', '0', 'decodeLingerMs', 0],
    ['GOP_RING_MAX_BYTES', '65536', 'gopRingMaxBytes', 65_536],
    ['FRAME_BUFFER_SIZE', '64', 'frameBufferSize', 64],
    ['CONNECT_TIMEOUT_MS', '100', 'connectTimeoutMs', 100],
    ['STALL_TIMEOUT_MS', '600000', 'stallTimeoutMs', 600_000],
    ['DECODE_THREADS', '2', 'decodeThreads', 2],
    ['JPEG_QUALITY', '100', 'jpegQuality', 100],
    ['CLIENT_MAX_REQUESTS', '1', 'clientMaxRequests', 1],
    ['ENCODE_QUEUE_MAX', '8', 'encodeQueueMax', 8],
    ['CONNECT_CONCURRENCY', '1', 'connectConcurrency', 1],
    ['LOSS_POLICY', 'tolerant', 'lossPolicy', 'tolerant'],
    ['CAMERA_NETWORKS', '10.0.0.7', 'cameraNetworks', ['10.0.0.7']],
    ['CAMERA_NETWORKS', '10.0.0.0/8, fd00::/8,::/0', 'cameraNetworks', ['10.0.0.0/8', 'fd00::/8', '::/0']],
    ['STATE_FILE', '/tmp/cameras.json', 'stateFile', '/tmp/cameras.json'],
    ['STATE_FILE_CREDENTIALS', 'true', 'stateFileCredentials', true],
    ['ALLOW_ANONYMOUS', 'true', 'allowAnonymous', true],
    [
      'ALLOWED_ORIGINS',
      'https://a.test, http://b.test:81',
      'allowedOrigins',
      new Set(['https://a.test', 'http://b.test:81']),
    ],
    ['TRUST_PROXY', '127.0.0.1, 10.0.0.0/8,fd00::/8', 'trustProxy', ['127.0.0.1', '10.0.0.0/8', 'fd00::/8']],
    ['REQUESTS_PER_MINUTE', '0', 'requestsPerMinute', 0],
    ['READY_LIVE_PERCENT', '100', 'readyLivePercent', 100],
    ['WEBHOOK_URL', 'https://hooks.test/x?key=1', 'webhookUrl', 'https://hooks.test/x?key=1'],
  ];
  for (const [key, text, property, value] of good) {
    test(`${key}=${text} gives ${inspect(value)}`, () => {
      assert.deepEqual(loadConfig({ [key]: text })[property], value);
    });
  }

  const bad: [key: string, text: string, problem: string][] = [
    ['HOST', 'not a host', 'Expected an IP address or host name for HOST but received "not a host"'],
    ['PORT', '65536', 'Expected integer 0-65535 for PORT but received "65536"'],
    ['PORT', '-1', 'Expected integer 0-65535 for PORT but received "-1"'],
    ['PORT', '80.5', 'Expected integer 0-65535 for PORT but received "80.5"'],
    ['PORT', '0x50', 'Expected integer 0-65535 for PORT but received "0x50"'],
    ['PORT', 'http', 'Expected integer 0-65535 for PORT but received "http"'],
    [
      'LOG_LEVEL',
      'verbose',
      'Expected trace, debug, info, warn, error, fatal or silent for LOG_LEVEL but received "verbose"',
    ],
    ['DECODE_LINGER_MS', '5s', 'Expected integer 0-3600000 for DECODE_LINGER_MS but received "5s"'],
    ['GOP_RING_MAX_BYTES', '1', 'Expected integer 65536-1073741824 for GOP_RING_MAX_BYTES but received "1"'],
    ['FRAME_BUFFER_SIZE', '0', 'Expected integer 1-64 for FRAME_BUFFER_SIZE but received "0"'],
    ['CONNECT_TIMEOUT_MS', '99', 'Expected integer 100-600000 for CONNECT_TIMEOUT_MS but received "99"'],
    ['STALL_TIMEOUT_MS', '1e4', 'Expected integer 100-600000 for STALL_TIMEOUT_MS but received "1e4"'],
    ['DECODE_THREADS', '257', 'Expected integer 0-256 for DECODE_THREADS but received "257"'],
    [
      'ADMIN_TOKEN',
      'short',
      'Expected text of at least 16 characters for ADMIN_TOKEN but received text that is not shown',
    ],
    ['STATE_FILE_CREDENTIALS', 'yes', 'Expected true or false for STATE_FILE_CREDENTIALS but received "yes"'],
    ['API_TOKENS', 'anna', `Expected ${TOKEN_FORMAT} for API_TOKENS but received text that is not shown`],
    [
      'ALLOWED_ORIGINS',
      'https://a.test/page',
      'Expected origins such as https://host[:port], with commas between for ALLOWED_ORIGINS but received text with "@" or "/" (not shown)',
    ],
    ...['10.0.0.0/33', '10.0.0.0/8/8', 'proxy.test', '::/-1', '10.0.0.0/'].map((text): [string, string, string] => [
      'TRUST_PROXY',
      text,
      `Expected IP addresses or networks such as 10.0.0.0/8, with commas between for TRUST_PROXY but received ${
        text.includes('/') ? 'text with "@" or "/" (not shown)' : JSON.stringify(text)
      }`,
    ]),
    [
      'WEBHOOK_URL',
      'file:///etc/x',
      'Expected an http or https URL for WEBHOOK_URL but received text that is not shown',
    ],
    ['JPEG_QUALITY', '0', 'Expected integer 1-100 for JPEG_QUALITY but received "0"'],
    ...['cameras.lan', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', 'fe80::1%eth0', '10.0.0.1,', '10.0.0.0-10.0.0.9'].map(
      (text): [string, string, string] => [
        'CAMERA_NETWORKS',
        text,
        'Expected IP addresses or networks such as 10.0.0.0/8, with commas between for CAMERA_NETWORKS but received ' +
          (text.includes('/') ? 'text with "@" or "/" (not shown)' : JSON.stringify(text)),
      ],
    ),
  ];
  for (const [key, text, problem] of bad) {
    test(`${key}=${text} is refused`, () => {
      assert.deepEqual(problemsOf({ [key]: text }), [problem]);
    });
  }
});

test('the admin token matches itself alone, and cannot print itself', () => {
  const text = 'sixteen-letters-';
  const { adminToken } = loadConfig({ ADMIN_TOKEN: text });
  assert.ok(adminToken);
  assert.ok(adminToken.matches(text));
  for (const other of ['', text.slice(1), `${text} `, text.toUpperCase()]) assert.ok(!adminToken.matches(other));
  assert.doesNotMatch(`${String(adminToken)} ${JSON.stringify({ adminToken })} ${inspect(adminToken)}`, /sixteen/);
});

test('all wrong settings are told at once', () => {
  const problems = problemsOf({ PORT: 'x', JPEG_QUALITY: '101', CAMERA_URL_1: 'nonsense', CAMERA_NAME_2: 'Yard' });
  assert.equal(problems.length, 4, problems.join('\n'));
});

test('the config cannot be changed', () => {
  const config = loadConfig({ CAMERA_URL_1: 'rtsp://host/' });
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.cameras) && Object.isFrozen(config.cameras[0]));
});

test('the environment goes before .env, unless it is empty', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '.env');
  writeFileSync(path, 'HOST=::1\nPORT=4000\nLOG_LEVEL=warn\nJPEG_QUALITY=\n');
  assert.deepEqual(readEnvironment({ PORT: '5000', LOG_LEVEL: '' }, path), {
    HOST: '::1',
    PORT: '5000',
    LOG_LEVEL: 'warn',
  });
});

test('without .env there is the environment', () => {
  assert.deepEqual(readEnvironment({ PORT: '5000' }, join(tmpdir(), 'framewell-no-such-folder', '.env')), {
    PORT: '5000',
  });
});
