import { ERROR_CODES } from '../errors.js';

const cause = {
  type: 'object',
  description: 'Why, as a stable code and words for a person',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' } },
};

const errorSchema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', enum: Object.keys(ERROR_CODES) },
    message: { type: 'string' },
    cause,
    frame: {
      type: 'object',
      description: 'With ERR_FRAME_STALE: the newest picture that there is',
      required: ['sequence', 'ageMs', 'receivedAt'],
      properties: {
        sequence: { type: 'integer' },
        ageMs: { type: 'integer' },
        receivedAt: { type: 'string', format: 'date-time' },
      },
    },
  },
};

const DESCRIPTIONS = {
  400: 'Something in the request is wrong; the message says what was expected',
  401: 'No token, login or signature that is valid now',
  403: 'The role does not allow it, or the page or name that it comes by is not known',
  404: 'No such camera or picture, or none that the caller may see',
  409: 'Another camera has the id, or the camera is set up in .env',
  413: 'The body is too long',
  414: 'The id is longer than any may be',
  415: 'The body is not JSON',
  426: 'The path speaks WebSocket only',
  429: 'Too many requests; Retry-After says when to come back',
  500: 'A fault of this server',
  503: 'Nothing to show now; the code and the cause say why, Retry-After when to come back',
} as const;

type ErrorStatus = keyof typeof DESCRIPTIONS;

/** Errors that a route answers whoever it is. */
export function publicErrors(...others: readonly ErrorStatus[]) {
  // Of every route: an upgrade where none is taken is a wrong request too.
  const statuses = new Set<ErrorStatus>([...others, 400, 429]);
  return Object.fromEntries(
    [...statuses].map((status) => [status, { description: DESCRIPTIONS[status], ...errorSchema }]),
  );
}

/** Errors of a route that asks who it is. */
export function errors(...others: readonly ErrorStatus[]) {
  return publicErrors(401, 403, ...others);
}
