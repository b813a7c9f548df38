import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../services/project-root.js';

const nativeTests = join(projectRoot, 'test/native');

/** Names of all native test cases; clang-format breaks long ones into several literals. */
function nativeTestNames(): string[] {
  const sources = readdirSync(nativeTests)
    .filter((file) => file.endsWith('_test.cc'))
    .map((file) => readFileSync(join(nativeTests, file), 'utf8'));
  return [...sources.join('\n').matchAll(/TEST_CASE\(\s*((?:"[^"]*"\s*)+)\)/g)].map(([, literals = '']) =>
    literals.trim().replace(/"\s*"/g, '').slice(1, -1),
  );
}

/** The last column of all tables in docs/camera-quirks.md. */
function documentedTests(): string[] {
  const page = readFileSync(join(projectRoot, 'docs/camera-quirks.md'), 'utf8');
  return [...page.matchAll(/^\|.*\|([^|]+)\|$/gm)]
    .map(([, cell = '']) => cell.trim())
    .filter((cell) => cell !== 'Test' && !/^-+$/.test(cell));
}

test('every line of docs/camera-quirks.md names a native test', () => {
  const documented = documentedTests();
  assert.ok(documented.length > 0);
  const names = new Set(nativeTestNames());
  assert.deepEqual(
    documented.filter((name) => !names.has(name)),
    [],
  );
});

test('every native test of a quirk is in docs/camera-quirks.md', () => {
  const quirks = nativeTestNames().filter((name) => name.startsWith('quirk: '));
  assert.ok(quirks.length > 0);
  const documented = new Set(documentedTests());
  assert.deepEqual(
    quirks.filter((name) => !documented.has(name)),
    [],
  );
});
