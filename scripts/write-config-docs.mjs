// Writes .env.example and README's table of settings from the tables in services/config-keys.ts and
// services/config-camera-keys.ts. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample, withConfigTable } from '../dist/test/support/config-docs.js';

const root = join(import.meta.dirname, '..');
const readmePath = join(root, 'README.md');

writeFileSync(join(root, '.env.example'), envExample());
writeFileSync(readmePath, withConfigTable(readFileSync(readmePath, 'utf8')));
