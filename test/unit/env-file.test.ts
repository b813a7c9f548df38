import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from '../../services/env-file.js';

const cases: [written: string, value: string][] = [
  ['p@ss#w%rd!', 'p@ss#w%rd!'],
  ['#secret', '#secret'],
  ['secret # a comment', 'secret'],
  ['sec#ret # a comment', 'sec#ret'],
  ['sec#ret\t#comment#', 'sec#ret'],
  [' # only a comment', ''],
  ["'sec#ret # too'", 'sec#ret # too'],
  ['"sec#ret"', 'sec#ret'],
  ['`sec\'"#ret` # a comment', 'sec\'"#ret'],
  ["'sec#ret", "'sec#ret"],
  ['a=b#c', 'a=b#c'],
  ['$HOME#\\n', '$HOME#\\n'],
  ['', ''],
];

for (const [written, value] of cases) {
  test(`KEY=${written} means ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseEnvFile(`BEFORE=1\nKEY=${written}\r\nexport AFTER=2\n`), {
      BEFORE: '1',
      KEY: value,
      AFTER: '2',
    });
  });
}

test('lines that are comments set nothing', () => {
  assert.deepEqual(parseEnvFile('#KEY=sec#ret\n  # OTHER=a#b\n'), {});
});
