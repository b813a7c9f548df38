import { parseAccessTokens, TOKEN_FORMAT } from './access/access-tokens.js';
import type { ConfigKey } from './config-key.js';
import { address, httpUrl, integer, longText, networks, oneOf, origins, words, yesOrNo } from './config-values.js';
import { Secret } from './secret.js';
import type { EngineMode, LossPolicy } from './stream/decode-backend.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const ENGINES = ['auto', 'cuda', 'cpu'] as const satisfies readonly EngineMode[];
const LOSS_POLICIES = ['strict', 'tolerant'] as const satisfies readonly LossPolicy[];

/** What can be set of the server; .env.example and README are held equal to it and CAMERA_KEYS by a test. */
export const SERVER_KEYS = {
  host: {
    name: 'HOST',
    description:
      'Address to listen on. 127.0.0.1 serves this machine alone, 0.0.0.0 every network that it is in, which needs ' +
      'API_TOKENS or ALLOW_ANONYMOUS.',
    default: '127.0.0.1',
    ...address(),
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
      'Cameras that connect at once; four times as many may in a second. After a power cut the others wait for their ' +
      'turn, those first that failed least.',
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
  engine: {
    name: 'ENGINE',
    description:
      'What decodes and encodes: an NVIDIA GPU where one can be used, else the CPU (auto), a GPU or no start (cuda), ' +
      'or the CPU (cpu). A camera that the GPU cannot serve is served by the CPU in any case, and says so.',
    default: 'auto',
    ...oneOf(ENGINES),
  },
  gpuId: {
    name: 'GPU_ID',
    description: "The GPU to use, by the driver's number.",
    default: '0',
    ...integer(0, 63),
  },
  gpuIds: {
    name: 'GPU_IDS',
    description: 'Several GPUs, over which cameras are spread; goes before GPU_ID.',
    example: '0,1',
    expected: 'integers 0-63, each once, with commas between',
    parse: (text: string) => {
      const ids = text.split(',').map((id) => integer(0, 63).parse(id.trim()));
      return ids.every((id) => id !== undefined) && new Set(ids).size === ids.length ? ids : undefined;
    },
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
      'Most pictures and streams that one client address (of IPv6, its network of 64 bits) may have open at once: ' +
      'snapshots that wait, live streams, and events. What goes beyond is answered 429.',
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
  cameraNetworks: {
    name: 'CAMERA_NETWORKS',
    description:
      'The only networks that cameras may be in, with commas between; else whoever may add cameras can have any address ' +
      'connected to. Held against what names resolve to, where cameras redirect to and send from, and the groups of ' +
      'multicast. Cameras that libavformat receives then need CAMERA_TRANSPORT_n=tcp. Default: any.',
    example: '192.168.1.0/24,fd00:cafe::/64',
    ...networks(),
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
    ...words('a path'),
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
    ...origins(),
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
    ...networks(),
  },
  tlsCertFile: {
    name: 'TLS_CERT_FILE',
    description:
      'Certificate chain (PEM). With it and TLS_KEY_FILE the server speaks HTTPS; a renewed one is taken up.',
    example: '/etc/letsencrypt/live/cameras.example.org/fullchain.pem',
    ...words('a path'),
  },
  tlsKeyFile: {
    name: 'TLS_KEY_FILE',
    description: "The certificate's private key (PEM).",
    example: '/etc/letsencrypt/live/cameras.example.org/privkey.pem',
    ...words('a path'),
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
    secret: true,
    ...httpUrl(),
  },
  webhookSecret: {
    name: 'WEBHOOK_SECRET',
    description: 'Key with which these POSTs are signed.',
    example: 'at-least-16-characters',
    secret: true,
    ...longText(),
  },
  stateFile: {
    name: 'STATE_FILE',
    description:
      'File that keeps the cameras added over the API, so that they outlive a restart. Without it they do not.',
    example: '/var/lib/framewell/cameras.json',
    ...words('a path'),
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
