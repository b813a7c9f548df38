import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../scripts/check-layers.mjs', import.meta.url));

function checkLayers(...args: string[]): { status: number | null; lines: string[] } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return { status, lines: stderr.split('\n').filter((line) => line !== '') };
}

/** The check's answer for a tree of the given files and texts. */
function checkTree(files: Record<string, string>): { status: number | null; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-layers-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return checkLayers(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('each import against the direction of the layers is named', () => {
  const { status, lines } = checkTree({
    'cli/inside.ts': "import '../services/jpeg/mosaic.js';",
    'native/decode/cuda_use.h': '#include "cuda.h"',
    'native/ingest/node_use.cc': '#include <napi.h>',
    'native/ingest/upward.h': '#include "decode/picture.h"',
    'services/cameras/camera-url.ts': "import '../stream/stream-decoder.js';",
    'services/http/around.ts': "await import('../native-binding.js');",
    'services/jpeg/addon.ts': "require('../../build/Release/framewell.node');",
    'services/jpeg/reexport.ts': "export * from '../native-binding.js';",
    'services/jpeg/type.ts': "import type { Viewer } from '../http/viewer.js';",
    'services/stream/app.ts': "import '../../app.js';",
    'services/stream/upward.ts': "import 'pino';\nimport { snapshot } from '../jpeg/snapshot.js';",
    'simulator/service.ts': "import '../services/errors.js';",
    'test/native/cuda_test.cc': '#  include <nvjpeg.h>',
  });
  assert.equal(status, 1);
  assert.deepEqual(lines.sort(), [
    'cli/inside.ts: may not import services/jpeg/mosaic.ts',
    'native/decode/cuda_use.h: may not include cuda.h',
    'native/ingest/node_use.cc: may not include napi.h',
    'native/ingest/upward.h: may not import native/decode/picture.h',
    'services/cameras/camera-url.ts: may not import services/stream/stream-decoder.ts',
    'services/http/around.ts: may not import services/native-binding.ts',
    'services/jpeg/addon.ts: only services/native-binding.ts loads a .node file',
    'services/jpeg/reexport.ts: may not import services/native-binding.ts',
    'services/jpeg/type.ts: may not import services/http/viewer.ts',
    'services/stream/app.ts: may not import app.ts',
    'services/stream/upward.ts: may not import services/jpeg/snapshot.ts',
    'simulator/service.ts: may not import services/errors.ts',
    'test/native/cuda_test.cc: may not include nvjpeg.h',
  ]);
});

test('imports along the direction of the layers pass', () => {
  const { status, lines } = checkTree({
    'app.ts': "import './services/native-binding.js';\nimport './simulator/simulator.js';",
    'cli/client.ts': "import '../index.js';\nimport type { Cause } from '../services/stream/decode-backend.js';",
    'native/cuda/context.h': '#include <cuda.h>',
    'native/decode/picture.h': '#include "engine_error.h"\n#include "ingest/access_unit.h"',
    'native/session_wrap.cc': '#include <napi.h>\n#include "decode/picture.h"',
    'services/http/routes.ts': "import '../jpeg/snapshot.js';\nimport 'fastify';\nimport './viewer.js';",
    'services/native-binding.ts': "require('../build/Release/framewell.node');",
    'services/stream/factory.ts': "import '../native-binding.js'; // never '../jpeg/snapshot.js'",
  });
  assert.deepEqual({ status, lines }, { status: 0, lines: [] });
});

test('the repository holds its layers', () => {
  assert.deepEqual(checkLayers(), { status: 0, lines: [] });
});
