import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { Cause } from '../stream/decode-backend.js';
import { causeOf, FramewellError, ParameterError, RetryLaterError } from '../errors.js';
import { FrameStaleError } from '../jpeg/freshness.js';

/** Enough to recognise one's own value; an answer need not repeat a long one. */
const MOST_SHOWN = 60;

/** With Ajv's `verbose`, an error also has the schema that was not met and the value. */
interface VerboseValidationError extends FastifySchemaValidationError {
  readonly parentSchema: {
    readonly type: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
  };
  readonly data: unknown;
}

/** Answers everything that a route throws. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('Cache-Control', 'no-store').type('application/json');
  if (error instanceof RetryLaterError) void reply.header('Retry-After', error.retryAfterS);
  // Fastify's own refusals (a malformed URL, say) have a status below 500, and words that tell the client why.
  if (!(error instanceof FramewellError) && error.statusCode !== undefined && error.statusCode < 500) {
    void reply.code(error.statusCode).send({ code: 'ERR_BAD_REQUEST', message: error.message });
    return;
  }
  const statusCode = error instanceof FramewellError ? error.statusCode : 500;
  if (statusCode === 500) request.log.error({ err: error }, 'Request failed');
  const cause = error instanceof RetryLaterError ? (error.cause as Cause | undefined) : undefined;
  const frame = error instanceof FrameStaleError ? describeFrame(error.frame) : undefined;
  if (frame) void reply.header('X-Frame-Age-Ms', frame.ageMs);
  void reply.code(statusCode).send({ ...causeOf(error), ...(cause && { cause }), ...(frame && { frame }) });
}

function describeFrame({ sequence, receivedAtMs }: FrameStaleError['frame']) {
  return {
    sequence,
    ageMs: Math.max(0, Math.round(Date.now() - receivedAtMs)),
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
}

export function answerNotFound(request: FastifyRequest): never {
  throw new FramewellError('ERR_ROUTE_NOT_FOUND', `Nothing is served for ${request.method} ${pathOf(request)}`);
}

/** "Expected integer 1-100 for quality but received 0". A body may hold a password, so nothing of it is shown. */
export function parameterError(errors: FastifySchemaValidationError[], dataVar: string): ParameterError {
  const [{ instancePath, parentSchema, data }] = errors as [VerboseValidationError];
  const { type, enum: values, minimum, maximum } = parentSchema;
  const range = minimum === undefined ? type : `${type} ${minimum}-${maximum}`;
  const expected = values?.join(', ').replace(/, ([^,]*)$/, ' or $1') ?? range;
  const received = dataVar === 'body' ? 'another type' : shownValue(data);
  return new ParameterError(instancePath.slice(1) || `the ${dataVar}`, expected, received);
}

/** A value that a client sent, as far as it fits into an answer. */
export function shownValue(value: unknown): string {
  // JSON has no word for Infinity.
  return (typeof value === 'number' ? String(value) : JSON.stringify(value)).slice(0, MOST_SHOWN);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!.slice(0, MOST_SHOWN);
}
