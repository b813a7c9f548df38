import type { ConfigKey } from './config-key.js';
import { integer, oneOf, words } from './config-values.js';
import type { DecodeMode } from './stream/decode-backend.js';
import type { Ingest, Transport } from './cameras/camera-source.js';

const INGESTS = ['auto', 'libav'] as const satisfies readonly Ingest[];
const TRANSPORTS = ['tcp', 'udp', 'multicast'] as const satisfies readonly Transport[];
const DECODE_MODES = ['on-demand', 'always', 'keyframes'] as const satisfies readonly DecodeMode[];

const CAMERA_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What can be set of each camera, by the names that the API has for the same. */
export const CAMERA_KEYS = {
  url: {
    name: 'CAMERA_URL_n',
    description:
      'RTSP URL of camera n (rtsp:// or rtsps://). Numbers give the order and may have gaps. Without any camera the ' +
      'built-in demo camera is shown.',
    example: 'rtsp://192.168.1.20:554/stream1',
    secret: true,
    ...words('rtsp://host[:port]/path or rtsps://host[:port]/path'),
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
    secret: true,
    ...words('text'),
  },
  password: {
    name: 'CAMERA_PASSWORD_n',
    description: 'Password, as the camera knows it: @ # % : ! ? / need no escaping here. Goes before that of the URL.',
    example: 'p@ss#w%rd',
    secret: true,
    ...words('text'),
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
