import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectRoot } from '../../services/project-root.js';
import { lockedPackages, nameOf, productPackages, thirdPartyList } from '../support/third-party.js';

/** They ask for their notices to be kept, and for nothing of those who link them. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

/** Install scripts run on the machine of whoever installs, with their rights: each needs a reason here. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  beamcoder: 'compiled by scripts/setup/beamcoder.mjs, against the headers and libraries of this machine',
  'segfault-handler': 'a dependency of beamcoder, compiled with it',
};

test('THIRD-PARTY.md has every package of the product', () => {
  const list = readFileSync(join(projectRoot, 'THIRD-PARTY.md'), 'utf8');
  assert.equal(list, thirdPartyList(), 'run node scripts/write-third-party.mjs');
});

test('beside libvips, which is under the LGPL and a shared library of its own, every licence is permissive', () => {
  for (const [path, { license }] of productPackages()) {
    const allowed = path.startsWith('node_modules/@img/sharp-') ? [...PERMISSIVE, 'LGPL-3.0-or-later'] : PERMISSIVE;
    for (const part of (license ?? 'none stated').split(' AND ')) assert.ok(allowed.includes(part), `${path}: ${part}`);
  }
});

test('beamcoder, under the GPL, is no part of the product', () => {
  assert.ok('node_modules/beamcoder' in lockedPackages());
  assert.ok(!productPackages().has('node_modules/beamcoder'));
});

describe('install scripts', () => {
  const packages = Object.entries(lockedPackages());

  test('only these packages have one', () => {
    const withScript = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    assert.deepEqual(withScript.sort(), Object.keys(INSTALL_SCRIPTS));
  });

  test('none of them is of the product, and package.json denies them all to npm', () => {
    const { allowScripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      allowScripts: Record<string, boolean>;
    };
    for (const name of Object.keys(INSTALL_SCRIPTS)) {
      assert.ok(!productPackages().has(`node_modules/${name}`), name);
      assert.equal(allowScripts[name], false, name);
    }
  });

  test('the set-up runs none', () => {
    const setup = readFileSync(join(projectRoot, 'scripts/setup/npm-packages.mjs'), 'utf8');
    assert.match(setup, /'ci', '--ignore-scripts'/);
  });
});
