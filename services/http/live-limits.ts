import { ParameterError } from '../errors.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import { shownValue } from './error-mapping.js';
import { pictureQuery } from './picture-schemas.js';

const fps = { type: 'number', minimum: 0.1, maximum: 120, description: 'Pictures a second; default: all' };

/** Of live pictures, in queries and in what viewers say. */
export const liveQuery = { type: 'object', properties: { ...pictureQuery.properties, fps } };

/**
 * The limits among the members of a viewer's message.
 * @throws ParameterError
 */
export function readLimits(members: Readonly<Record<string, unknown>>): LiveLimits {
  const given = Object.entries(liveQuery.properties).filter(([name]) => members[name] !== undefined);
  return Object.fromEntries(
    given.map(([name, { type, minimum, maximum }]) => {
      const value = members[name];
      const isWithin = typeof value === 'number' && value >= minimum && value <= maximum;
      if (!isWithin || (type === 'integer' && !Number.isInteger(value))) {
        throw new ParameterError(name, `${type} ${minimum}-${maximum}`, shownValue(value));
      }
      return [name, value];
    }),
  );
}

export const LIMIT_NAMES = Object.keys(liveQuery.properties);
