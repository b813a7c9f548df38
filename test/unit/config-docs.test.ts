import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../services/config.js';
import { parseEnvFile } from '../../services/env-file.js';
import { projectRoot } from '../../services/project-root.js';
import { envExample, withConfigTable } from '../support/config-docs.js';

const REMEDY = 'run node scripts/write-config-docs.mjs';

test('.env.example has every key with its unit and default', () => {
  assert.equal(readFileSync(join(projectRoot, '.env.example'), 'utf8'), envExample(), REMEDY);
});

test('every line of .env.example can be taken as it is', () => {
  const uncommented = envExample().replace(/^#(?=[A-Z])/gm, '');
  const config = loadConfig(parseEnvFile(uncommented));
  assert.equal(config.port, 3000);
  assert.deepEqual(
    config.cameras.map(({ id, source }) => ({ id, url: source.connectionUrl() })),
    [{ id: 'front-door', url: 'rtsp://viewer:p%40ss%23w%25rd@192.168.1.20:554/stream1' }],
  );
});

test("README's table of settings has every key with its unit and default", () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  assert.equal(readme, withConfigTable(readme), REMEDY);
});
