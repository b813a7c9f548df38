import { CAMERA_KEYS } from '../config-camera-keys.js';

const nullableNumber = { type: ['number', 'null'] };
const countsByName = { type: 'object', additionalProperties: { type: 'integer' } };
const time = { type: 'string', format: 'date-time' };

const cause = {
  type: 'object',
  description: 'Why, as a stable code and words for a person',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' } },
};

export const cameraSchema = {
  type: 'object',
  required: [
    'id',
    'name',
    'url',
    'state',
    'codec',
    'width',
    'height',
    'fps',
    'bitrateKbps',
    'keyframeIntervalMs',
    'engine',
    'ingest',
    'decode',
    'ring',
    'ages',
    'viewers',
    'pictures',
    'counters',
  ],
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    url: { type: 'string', description: 'Without user, password and query values' },
    state: {
      type: 'object',
      required: ['name', 'since'],
      properties: {
        name: {
          type: 'string',
          enum: ['idle', 'queued', 'connecting', 'awaitingKeyframe', 'live', 'backingOff', 'parked', 'closed'],
        },
        since: time,
        downSince: { ...time, description: 'Since when no picture comes, over every try; absent while pictures come' },
        cause,
        retryAt: time,
        attempt: { type: 'integer', description: 'Tries since the camera was last up' },
      },
    },
    codec: { type: ['string', 'null'] },
    width: { ...nullableNumber, description: 'Pixels, as displayed; the same is true of the height' },
    height: nullableNumber,
    fps: nullableNumber,
    bitrateKbps: nullableNumber,
    keyframeIntervalMs: { ...nullableNumber, description: 'Between the two newest keyframes' },
    engine: {
      type: 'object',
      required: ['name', 'reason'],
      description: 'What decodes the camera now, and why',
      properties: {
        name: { type: 'string', enum: ['cpu', 'cuda'] },
        reason: { type: 'string' },
        gpu: { type: 'integer', description: "The driver's number of the card; absent on the CPU" },
        since: time,
      },
    },
    ingest: {
      type: ['object', 'null'],
      description: 'Who receives the camera',
      required: ['name'],
      properties: {
        name: { type: 'string', enum: ['rtsp', 'libav'], description: 'Our own RTSP client, or libavformat' },
        reason: { type: 'string', description: 'Why it is not our own client' },
        packets: {
          type: 'object',
          description: 'RTP packets of the connection now; libavformat does not tell',
          required: ['received', 'bytes', 'lost', 'reordered', 'malformed', 'junkBytes'],
          properties: {
            received: { type: 'integer' },
            bytes: { type: 'integer' },
            lost: { type: 'integer' },
            reordered: { type: 'integer' },
            malformed: { type: 'integer' },
            junkBytes: { type: 'integer', description: 'Bytes between packets that belong to nothing' },
          },
        },
      },
    },
    decode: {
      type: 'object',
      required: ['mode', 'running'],
      properties: {
        mode: { type: 'string', enum: ['on-demand', 'always', 'keyframes'] },
        running: { type: 'boolean', description: 'Whether pictures are decoded now' },
      },
    },
    ring: {
      type: 'object',
      description: 'Video kept since the last keyframe',
      required: ['accessUnits', 'bytes', 'overflowed'],
      properties: {
        accessUnits: { type: 'integer' },
        bytes: { type: 'integer' },
        overflowed: { type: 'boolean', description: 'Too small for this camera, which is decoded continuously' },
      },
    },
    ages: {
      type: 'object',
      description: 'Milliseconds since the newest one was received',
      required: ['accessUnitMs', 'keyframeMs', 'frameMs'],
      properties: { accessUnitMs: nullableNumber, keyframeMs: nullableNumber, frameMs: nullableNumber },
    },
    viewers: { type: 'integer', description: 'Live streams served now, WebSocket and multipart' },
    pictures: {
      type: 'object',
      description: 'Since the start',
      required: ['encodes', 'shared'],
      properties: {
        encodes: { type: 'integer', description: 'Pictures that were encoded' },
        shared: { type: 'integer', description: 'Times that a picture was given out that another request had encoded' },
      },
    },
    counters: {
      type: 'object',
      description: 'Of the connection now; sessions, endings and transitions since the start',
      required: ['sessions', 'endings', 'transitions', 'accessUnits', 'keyframes', 'bytes', 'decodedFrames', 'losses'],
      properties: {
        sessions: { type: 'integer', description: 'Connections tried' },
        endings: { ...countsByName, description: 'Connections that ended or failed, by the code of the cause' },
        transitions: { ...countsByName, description: 'Times that each state was entered' },
        accessUnits: { type: 'integer' },
        keyframes: { type: 'integer' },
        bytes: { type: 'integer' },
        decodedFrames: { type: 'integer' },
        losses: { type: 'integer' },
      },
    },
  },
};

export const cameraListSchema = {
  type: 'object',
  required: ['cameras'],
  properties: { cameras: { type: 'array', items: cameraSchema } },
};

export interface CameraParams {
  readonly id: string;
}

export const cameraParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' } },
};

/** A camera's settings. The routes check the fields, since messages of Ajv would show what is secret. */
export const cameraBody = {
  type: 'object',
  description: `${Object.keys(CAMERA_KEYS).join(', ')}: as the settings of .env`,
};

export type CameraBody = Readonly<Record<string, unknown>>;
