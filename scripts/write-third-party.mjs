// Writes THIRD-PARTY.md from package-lock.json. Needs a build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thirdPartyList } from '../dist/test/support/third-party.js';

writeFileSync(join(import.meta.dirname, '..', 'THIRD-PARTY.md'), thirdPartyList());
