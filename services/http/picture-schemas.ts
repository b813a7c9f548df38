import { ParameterError } from '../errors.js';
import type { Freshness, Moment } from '../jpeg/freshness.js';
import { PICTURE_FORMATS, type PictureFormat } from '../jpeg/picture-format.js';
import type { PictureOptions } from '../jpeg/picture-options.js';
import type { PictureRegion } from '../stream/decode-backend.js';
import { shownValue } from './error-mapping.js';

/** What every picture can be asked for, single or live. */
export interface PictureQuery {
  readonly width?: number;
  readonly height?: number;
  readonly quality?: number;
}

/** Pixels. A smaller picture shows nothing; a larger one no camera gives. */
const side = { type: 'integer', minimum: 16, maximum: 8192 };

const pictureParameters = {
  width: { ...side, description: 'Greatest width in pixels; the aspect ratio is kept, nothing is enlarged' },
  height: { ...side, description: 'Greatest height in pixels' },
  quality: {
    type: 'integer',
    minimum: 1,
    maximum: 100,
    description: 'Default: the picture as the camera sent it where it sends JPEG in this size, else JPEG_QUALITY',
  },
};

export const pictureQuery = { type: 'object', properties: pictureParameters };

export interface SnapshotQuery extends PictureQuery {
  readonly fit?: 'inside' | 'cover';
  readonly crop?: string;
  readonly format?: PictureFormat;
  readonly maxAge?: number;
  readonly wait?: number;
  readonly after?: number;
  readonly onStale?: 'fail' | 'last';
  readonly at?: number;
}

const DAY_MS = 86_400_000;
const LONGEST_WAIT_MS = 60_000;
/** The last time that a Date can hold (ECMA-262 21.4.1.1). */
const LAST_TIME_MS = 8.64e15;

export const snapshotQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...pictureParameters,
    fit: {
      type: 'string',
      enum: ['inside', 'cover'],
      description: 'How it comes into a box of width and height: as a whole, or so that the box is filled',
    },
    crop: { type: 'string', description: "x,y,width,height of the part that is wanted, in the source's pixels" },
    format: { type: 'string', enum: Object.keys(PICTURE_FORMATS), description: 'Default: as the path says' },
    maxAge: { type: 'integer', minimum: 0, maximum: DAY_MS, description: 'Greatest age in ms; default: 2000' },
    wait: {
      type: 'integer',
      minimum: 0,
      maximum: LONGEST_WAIT_MS,
      description: 'Longest wait for a picture that is new enough, in ms; default: 1500',
    },
    after: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Sequence that the picture must be newer than',
    },
    onStale: { type: 'string', enum: ['fail', 'last'], description: 'An error, or the last good picture' },
    at: {
      type: 'integer',
      minimum: 0,
      maximum: LAST_TIME_MS,
      description: 'Unix time in ms: the picture received nearest to it',
    },
  },
};

const CROP = /^(\d{1,5}),(\d{1,5}),([1-9]\d{0,4}),([1-9]\d{0,4})$/;

/**
 * What the query asks for; `format` where it names none.
 * @throws ParameterError for a crop that is none, or a moment and a freshness at once
 */
export function readSnapshotQuery(
  query: SnapshotQuery,
  format: PictureFormat,
): { readonly options: PictureOptions & { readonly format: PictureFormat }; readonly wish: Freshness | Moment } {
  const { crop, maxAge, wait, after, onStale, at, ...others } = query;
  const options = { format, ...others, ...(crop !== undefined && { crop: readCrop(crop) }) };
  if (at === undefined) return { options, wish: { maxAgeMs: maxAge, waitMs: wait, afterSequence: after, onStale } };
  for (const [name, value] of Object.entries({ maxAge, wait, after, onStale })) {
    if (value !== undefined) throw new ParameterError(name, 'nothing beside at', shownValue(value));
  }
  return { options, wish: { atMs: at } };
}

function readCrop(text: string): PictureRegion {
  const [x, y, width, height] = CROP.exec(text)?.slice(1).map(Number) ?? [];
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw new ParameterError('crop', 'x,y,width,height in pixels', shownValue(text));
  }
  return { x, y, width, height };
}
