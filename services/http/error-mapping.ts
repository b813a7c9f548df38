import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { Cause } from '../stream/decode-backend.js';
import { CameraUnavailableError, causeOf, FramewellError, ParameterError } from '../errors.js';

/** Enough to recognise one's own value; an answer need not repeat a long one. */
const MOST_SHOWN = 60;

/** With Ajv's `verbose`, an error also has the schema that was not met and the value. */
interface VerboseValidationError extends FastifySchemaValidationError {
  readonly parentSchema: { readonly type: string; readonly minimum?: number; readonly maximum?: number };
  readonly data: unknown;
}

/** Answers everything that a route throws. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('Cache-Control', 'no-store').type('application/json');
  if (error instanceof CameraUnavailableError) void reply.header('Retry-After', error.retryAfterS);
  // Fastify's own refusals (a malformed URL, say) have a status below 500, and words that tell the client why.
  if (!(error instanceof FramewellError) && error.statusCode !== undefined && error.statusCode < 500) {
    void reply.code(error.statusCode).send({ code: 'ERR_BAD_REQUEST', message: error.message });
    return;
  }
  const statusCode = error instanceof FramewellError ? error.statusCode : 500;
  if (statusCode === 500) request.log.error({ err: error }, 'Request failed');
  const cause = error instanceof CameraUnavailableError ? (error.cause as Cause | undefined) : undefined;
  void reply.code(statusCode).send({ ...causeOf(error), ...(cause && { cause }) });
}

export function answerNotFound(request: FastifyRequest): never {
  throw new FramewellError('ERR_ROUTE_NOT_FOUND', `Nothing is served for ${request.method} ${pathOf(request)}`);
}

/** "Expected integer 1-100 for quality but received 0". A body may hold a password, so nothing of it is shown. */
export function parameterError(errors: FastifySchemaValidationError[], dataVar: string): ParameterError {
  const [{ instancePath, parentSchema, data }] = errors as [VerboseValidationError];
  const { type, minimum, maximum } = parentSchema;
  const expected = minimum === undefined ? type : `${type} ${minimum}-${maximum}`;
  const received = dataVar === 'body' ? 'another type' : JSON.stringify(data).slice(0, MOST_SHOWN);
  return new ParameterError(instancePath.slice(1) || `the ${dataVar}`, expected, received);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!.slice(0, MOST_SHOWN);
}
