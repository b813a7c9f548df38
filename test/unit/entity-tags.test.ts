import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matches } from '../../services/http/entity-tags.js';

// RFC 9110 13.1.2: a list of entity-tags, compared weakly, or "*".
describe('If-None-Match against the tag "a_1"', () => {
  for (const [header, expected] of [
    [undefined, false],
    ['', false],
    ['"a_1"', true],
    ['W/"a_1"', true],
    ['"a_2"', false],
    ['"a_2", "a_1"', true],
    ['"x,y" , W/"a_1"', true],
    ['"a_1', false],
    ['a_1', false],
    ['"A_1"', false],
    ['"a_11"', false],
    ['*', true],
    [' * ', true],
    ['"*"', false],
  ] as const) {
    test(`${header}: ${expected}`, () => assert.equal(matches(header, 'a_1'), expected));
  }
});
