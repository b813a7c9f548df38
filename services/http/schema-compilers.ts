import { createRequire } from 'node:module';
import buildsValidators from '@fastify/ajv-compiler';
import type {
  Serializer,
  SerializerCompiler,
  SerializerFactory,
  SerializerSelector,
} from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler } from 'fastify';

/*
 * Fastify's own compilers of what the routes say they take and give, but each schema is compiled when something is
 * first held to it. There are some 240, most for answers that are seldom given, and to compile them all took a third
 * of the start.
 */

const AJV_OPTIONS = {
  verbose: true,
  // With strict numbers Ajv holds no bound against Infinity, which it makes of the text "Infinity" or "1e309".
  strictNumbers: false,
  // That a schema is a schema is for the tests to see: what Ajv holds it to takes longer to compile than all of them.
  validateSchema: false,
};

const compileValidator = buildsValidators()({}, { customOptions: AJV_OPTIONS });

/** For `setValidatorCompiler`. */
export const validatorWhenNeeded: FastifySchemaCompiler<unknown> = (route) => {
  let compiled: ReturnType<typeof compileValidator> | undefined;
  const validate: ReturnType<FastifySchemaCompiler<unknown>> = (data) => {
    compiled ??= compileValidator(route);
    // A promise only of schemas that say $async.
    const isValid = compiled(data) as boolean;
    validate.errors = compiled.errors ?? null;
    return isValid;
  };
  return validate;
};

/** For `compilersFactory.buildSerializer`, which is asked in place of Fastify's own before that is loaded. */
export const serializersWhenNeeded: SerializerFactory = (schemas, options) => {
  let compile: SerializerCompiler | undefined;
  return (route) => {
    let compiled: Serializer | undefined;
    return (data) => {
      compile ??= serializers()(schemas, options);
      compiled ??= compile(route);
      return compiled(data);
    };
  };
};

/** Loaded with the first JSON, and at once, as whoever asks does not wait: it takes 35 ms, and pictures need none. */
function serializers(): SerializerFactory {
  const require = createRequire(import.meta.url);
  return (require('@fastify/fast-json-stringify-compiler') as typeof SerializerSelector)();
}
