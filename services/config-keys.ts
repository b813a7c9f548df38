import { isIP } from 'node:net';
import type { Ingest, Transport } from './cameras/camera-source.js';
import { parseAccessTokens, TOKEN_FORMAT } from './access/access-tokens.js';
import { Secret } from './secret.js';
import type { DecodeMode, LossPolicy } from './stream/decode-backend.js';

/** One thing that can be set. The table below is all there is; .env.example is held equal to it by a test. */
export interface ConfigKey<T> {
  /** The variable's name; `n` at the end of a camera's keys stands for its number. */
  readonly name: string;
  readonly description: string;
  /** What a right value is, in words that follow "Expected". */
  readonly expected: string;
  readonly unit?: string;
  /** As one would write it; absent where the description tells what holds instead. */
  readonly default?: string;
  /** For .env.example, where there is no default. */
  readonly example?: string;
  /** Whether even a wrong value must not be shown. */
  readonly secret?: boolean;
  /** The value that the text means, or undefined when it is wrong. */
  parse(text: string): T | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const INGESTS = ['auto', 'libav'] as const satisfies readonly Ingest[];
const TRANSPORTS = ['tcp', 'udp', 'multicast'] as const satisfies readonly Transport[];
const DECODE_MODES = ['on-demand', 'always', 'keyframes'] as const satisfies readonly DecodeMode[];
const LOSS_POLICIES = ['strict', 'tolerant'] as const satisfies readonly LossPolicy[];

const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
const CAMERA_ID = /^[A-Za-z0-9_-]{1,64}$/;

export const SERVER_KEYS = {
  host: {
    name: 'HOST',
    description:
      'Address to listen on. 127.0.0.1 serves this machine alone, 0.0.0.0 every network that it is in, which needs ' +
      'API_TOKENS or ALLOW_ANONYMOUS.',
    default: '127.0.0.1',
    expected: 'an IP address or host name',
    parse: (text: string) => (isIP(text) !== 0 || HOST_NAME.test(text) ? text : undefined),
  },
  port: {
    name: 'PORT',
    description: 'TCP port to listen on; 0 takes any free one.',
    default: '3000',
    ...integer(0, 65535),
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'Least severe messages that are logged.',
    default: 'info',
    ...oneOf(LOG_LEVELS),
  },
  decodeLingerMs: {
    name: 'DECODE_LINGER_MS',
    description: "How long an on-demand camera's decoder stays warm after the last request.",
    unit: 'milliseconds',
    default: '5000',
    ...integer(0, 3_600_000),
  },
  gopRingMaxBytes: {
    name: 'GOP_RING_MAX_BYTES',
    description:
      'Most bytes kept of the video since the last keyframe, for each camera. A camera that needs more is decoded ' +
      'continuously, and says so.',
    unit: 'bytes',
    default: String(16 * 1024 * 1024),
    ...integer(65_536, 1024 ** 3),
  },
  frameBufferSize: {
    name: 'FRAME_BUFFER_SIZE',
    description: 'Decoded pictures held for each camera.',
    unit: 'pictures',
    default: '3',
    ...integer(1, 64),
  },
  connectTimeoutMs: {
    name: 'CONNECT_TIMEOUT_MS',
    description: 'Longest time for connecting and logging in to a camera.',
    unit: 'milliseconds',
    default: '10000',
    ...integer(100, 600_000),
  },
  stallTimeoutMs: {
    name: 'STALL_TIMEOUT_MS',
    description: 'Longest time without video before the connection is made anew.',
    unit: 'milliseconds',
    default: '10000',
    ...integer(100, 600_000),
  },
  connectConcurrency: {
    name: 'CONNECT_CONCURRENCY',
    description:
      'Cameras that connect at once; after a power cut the others wait for their turn, those first that failed least.',
    default: '16',
    ...integer(1, 1024),
  },
  lossPolicy: {
    name: 'LOSS_POLICY',
    description:
      'What lost packets do: no picture until the next keyframe (strict), or pictures as long as the decoder finds no ' +
      'damage in them, which lets some smearing pass (tolerant).',
    default: 'strict',
    ...oneOf(LOSS_POLICIES),
  },
  decodeThreads: {
    name: 'DECODE_THREADS',
    description: 'Threads that decode, shared by all cameras; 0 means one for each processor core.',
    default: '0',
    ...integer(0, 256),
  },
  jpegQuality: {
    name: 'JPEG_QUALITY',
    description: 'JPEG quality where the request names none.',
    default: '80',
    ...integer(1, 100),
  },
  clientMaxRequests: {
    name: 'CLIENT_MAX_REQUESTS',
    description:
      'Most requests for pictures that one client address may have open at once: snapshots that wait, and live streams. ' +
      'What goes beyond is answered 429.',
    default: '1000',
    ...integer(1, 1_000_000),
  },
  encodeQueueMax: {
    name: 'ENCODE_QUEUE_MAX',
    description:
      'Most pictures in the making or waiting for it, over all cameras. Requests that would begin another are answered ' +
      '503 at once; those for a picture that is being made never are. 0 means 64 for each thread that decodes.',
    unit: 'pictures',
    default: '0',
    ...integer(0, 100_000),
  },
  apiTokens: {
    name: 'API_TOKENS',
    description:
      'Who may use the API: name:role:cameras:token, with commas between. The role is viewer or admin, cameras is * or ' +
      'ids joined by +. With any of them nobody is served without.',
    example: 'anna:admin:*:at-least-16-characters',
    expected: TOKEN_FORMAT,
    secret: true,
    parse: parseAccessTokens,
  },
  apiTokensFile: {
    name: 'API_TOKENS_FILE',
    description: 'File with such entries, one on a line; added to those of API_TOKENS.',
    example: '/run/secrets/framewell-tokens',
    expected: 'a path',
    parse: asWritten,
  },
  adminToken: {
    name: 'ADMIN_TOKEN',
    description:
      'Short for an entry admin:admin:*:token of API_TOKENS, with which viewing on this machine stays open to all. ' +
      'Without an administrator nobody may change cameras over the API, on this machine neither.',
    example: 'at-least-16-characters',
    expected: 'text of at least 16 characters',
    secret: true,
    parse: (text: string) => (text.length >= 16 ? new Secret(text) : undefined),
  },
  allowAnonymous: {
    name: 'ALLOW_ANONYMOUS',
    description: 'Whether whoever reaches the server may see all cameras without a login.',
    default: 'false',
    ...yesOrNo(),
  },
  allowedOrigins: {
    name: 'ALLOWED_ORIGINS',
    description: 'Other sites whose pages may read answers and open live streams, with commas between. Default: none.',
    example: 'https://home.example.org',
    expected: 'origins such as https://host[:port], with commas between',
    parse: (text: string) => {
      const origins = list(text);
      return origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin)
        ? new Set(origins)
        : undefined;
    },
  },
  requestsPerMinute: {
    name: 'REQUESTS_PER_MINUTE',
    description: 'Most requests of one client address in a minute, a live stream counting as one; 0 for no limit.',
    default: '12000',
    ...integer(0, 10_000_000),
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    description: "Addresses or networks of reverse proxies, whose word on the client's address and scheme is taken.",
    example: '127.0.0.1',
    expected: 'IP addresses or networks such as 10.0.0.0/8, with commas between',
    parse: (text: string) => (list(text).every(isNetwork) ? list(text) : undefined),
  },
  tlsCertFile: {
    name: 'TLS_CERT_FILE',
    description:
      'Certificate chain (PEM). With it and TLS_KEY_FILE the server speaks HTTPS; a renewed one is taken up.',
    example: '/etc/letsencrypt/live/cameras.example.org/fullchain.pem',
    expected: 'a path',
    parse: asWritten,
  },
  tlsKeyFile: {
    name: 'TLS_KEY_FILE',
    description: "The certificate's private key (PEM).",
    example: '/etc/letsencrypt/live/cameras.example.org/privkey.pem',
    expected: 'a path',
    parse: asWritten,
  },
  readyLivePercent: {
    name: 'READY_LIVE_PERCENT',
    description: 'Share of the cameras that have to be live for GET /readyz to answer 200.',
    unit: 'percent',
    default: '50',
    ...integer(0, 100),
  },
  webhookUrl: {
    name: 'WEBHOOK_URL',
    description: 'Where to POST what happens to cameras: up, down, added, changed, removed.',
    example: 'https://home.example.org/hooks/cameras',
    expected: 'an http or https URL',
    secret: true,
    parse: (text: string) => (/^https?:/i.test(text) && URL.canParse(text) ? text : undefined),
  },
  webhookSecret: {
    name: 'WEBHOOK_SECRET',
    description: 'Key with which these POSTs are signed.',
    example: 'at-least-16-characters',
    expected: 'text of at least 16 characters',
    secret: true,
    parse: (text: string) => (text.length >= 16 ? text : undefined),
  },
  stateFile: {
    name: 'STATE_FILE',
    description:
      'File that keeps the cameras added over the API, so that they outlive a restart. Without it they do not.',
    example: '/var/lib/framewell/cameras.json',
    expected: 'a path',
    parse: asWritten,
  },
  stateFileCredentials: {
    name: 'STATE_FILE_CREDENTIALS',
    description:
      'Whether STATE_FILE keeps the credentials too, readable for whoever can read the file. Else cameras that need ' +
      'them are parked after a restart until they are given again.',
    default: 'false',
    ...yesOrNo(),
  },
} as const satisfies Record<string, ConfigKey<unknown>>;

export const CAMERA_KEYS = {
  url: {
    name: 'CAMERA_URL_n',
    description:
      'RTSP URL of camera n (rtsp:// or rtsps://). Numbers give the order and may have gaps. Without any camera the ' +
      'built-in demo camera is shown.',
    example: 'rtsp://192.168.1.20:554/stream1',
    expected: 'rtsp://host[:port]/path or rtsps://host[:port]/path',
    secret: true,
    parse: asWritten,
  },
  id: {
    name: 'CAMERA_ID_n',
    description: 'Name of the camera in paths of the API. Default: camera-n.',
    example: 'front-door',
    expected: '1-64 letters, digits, "_" or "-"',
    parse: (text: string) => (CAMERA_ID.test(text) ? text : undefined),
  },
  name: {
    name: 'CAMERA_NAME_n',
    description: 'Name for people. Default: the id.',
    example: 'Front door',
    expected: 'at most 100 characters',
    parse: (text: string) => (text.length <= 100 ? text : undefined),
  },
  user: {
    name: 'CAMERA_USER_n',
    description: 'User name, as the camera knows it; goes before that of the URL.',
    example: 'viewer',
    expected: 'text',
    secret: true,
    parse: asWritten,
  },
  password: {
    name: 'CAMERA_PASSWORD_n',
    description: 'Password, as the camera knows it: @ # % : ! ? / need no escaping here. Goes before that of the URL.',
    example: 'p@ss#w%rd',
    expected: 'text',
    secret: true,
    parse: asWritten,
  },
  transport: {
    name: 'CAMERA_TRANSPORT_n',
    description:
      'How the video comes: inside the RTSP connection (tcp), as datagrams to this machine (udp: less delay, losses on ' +
      'bad networks) or to a group of the network (multicast).',
    default: 'tcp',
    ...oneOf(TRANSPORTS),
  },
  ingest: {
    name: 'CAMERA_INGEST_n',
    description:
      'Who receives: auto is our own RTSP client, with libavformat for streams that it declines; libav is libavformat ' +
      'from the start, for a camera that our client does not get on with.',
    default: 'auto',
    ...oneOf(INGESTS),
  },
  track: {
    name: 'CAMERA_TRACK_n',
    description: 'Which video track of a camera that offers several, from 1. Default: the first that can be received.',
    example: '2',
    ...integer(1, 16),
  },
  decode: {
    name: 'CAMERA_DECODE_n',
    description:
      'When pictures are decoded: on-demand (when asked for), always (every picture at once), keyframes (only ' +
      'keyframes, for many cameras on a small machine).',
    default: 'on-demand',
    ...oneOf(DECODE_MODES),
  },
} as const satisfies Record<string, ConfigKey<unknown>>;

export type Environment = Readonly<Record<string, string | undefined>>;

export type KeyValue<Key extends ConfigKey<unknown>> = NonNullable<ReturnType<Key['parse']>>;

/** What has no default may be undefined. */
export type KeyValues<Keys extends Record<string, ConfigKey<unknown>>> = {
  readonly [Name in keyof Keys]: Keys[Name] extends { readonly default: string }
    ? KeyValue<Keys[Name]>
    : KeyValue<Keys[Name]> | undefined;
};

/** The key's value or default; undefined when it has neither or is wrong, which is then added to `problems`. */
export function readKey<T>(key: ConfigKey<T>, environment: Environment, problems: string[]): T | undefined {
  const text = environment[key.name] ?? key.default;
  if (text === undefined) return undefined;
  const value = key.parse(text);
  if (value === undefined) problems.push(`Expected ${key.expected} for ${key.name} but received ${shown(key, text)}`);
  return value;
}

/** A wrong value, as far as it may be shown: a URL under the wrong key may hold a password. */
export function shown(key: ConfigKey<unknown>, text: string): string {
  if (key.secret) return 'text that is not shown';
  return /[@/]/.test(text) ? 'text with "@" or "/" (not shown)' : JSON.stringify(text);
}

function asWritten(text: string): string {
  return text;
}

function integer(least: number, most: number) {
  return {
    expected: `integer ${least}-${most}`,
    parse(text: string): number | undefined {
      if (!/^\d{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= least && value <= most ? value : undefined;
    },
  };
}

function yesOrNo() {
  return {
    expected: 'true or false',
    parse: (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined),
  };
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  return most > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function oneOf<const T extends string>(values: readonly T[]) {
  return {
    expected: values.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    parse: (text: string): T | undefined => values.find((value) => value === text),
  };
}
