// Holds the direction of dependencies: http -> jpeg -> stream -> native-binding -> native, and nothing points back.
// Prints every violation and exits with 1 when there is one.
//
//   node scripts/check-layers.mjs [folder; the root of the repository when not given]
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import { listFiles, root } from './setup/steps.mjs';

/** What every layer may use: error codes, the interfaces that an engine has to fill, where the files are, words. */
const CONTRACTS = [
  'services/errors.ts',
  'services/project-root.ts',
  'services/secret.ts',
  'services/time-span.ts',
  'services/cameras/camera-source.ts',
  'services/stream/decode-backend.ts',
];
const CONFIG_WORDS = [
  'services/config-key.ts',
  'services/config-keys.ts',
  'services/config-camera-keys.ts',
  'services/closest-word.ts',
];
const NATIVE_CONTRACTS = ['native/engine_error.h', 'native/ffmpeg_handles.h'];

/**
 * What the files of a part may import besides that part. A part is a folder, a file or the beginning of their names;
 * a file belongs to the longest that fits. Files of no part (server, app, tests, bench) may import anything, and no
 * part may import them. Imports of types count: a layer that names another's types knows of it.
 */
const MAY_IMPORT = {
  'simulator/': [],
  // A client of the API and of the library: it knows the words of both, and nothing of their inside.
  'cli/': [
    ...CONTRACTS,
    'index.ts',
    'services/config-keys.ts',
    'services/http/camera-view.ts',
    'services/http/viewer-messages.ts',
  ],
  'services/errors.ts': CONTRACTS,
  'services/project-root.ts': [],
  'services/time-span.ts': [],
  'services/closest-word.ts': [],
  'services/env-file.ts': CONTRACTS,
  'services/config-key.ts': [],
  'services/config-values.ts': [],
  'services/config-keys.ts': [...CONTRACTS, 'services/access/', 'services/config-key.ts', 'services/config-values.ts'],
  'services/config-camera-keys.ts': [...CONTRACTS, 'services/config-key.ts', 'services/config-values.ts'],
  'services/config.ts': [...CONTRACTS, ...CONFIG_WORDS, 'services/cameras/', 'services/env-file.ts'],
  'services/access/': CONTRACTS,
  'services/cameras/camera-source.ts': [...CONTRACTS, 'services/cameras/camera-url.ts'],
  'services/cameras/camera-url.ts': CONTRACTS,
  'services/cameras/': [...CONTRACTS, ...CONFIG_WORDS, 'services/stream/'],
  'services/native-binding.ts': CONTRACTS,
  'services/process-memory.ts': ['services/native-binding.ts'],
  'services/stream/': [...CONTRACTS, 'services/native-binding.ts'],
  'services/jpeg/': [...CONTRACTS, 'services/cameras/', 'services/stream/'],
  'services/http/': [
    ...CONTRACTS,
    ...CONFIG_WORDS,
    'services/access/',
    'services/cameras/',
    'services/stream/',
    'services/jpeg/',
    'services/config.ts',
  ],
  'native/ingest/': NATIVE_CONTRACTS,
  'native/jpeg/': NATIVE_CONTRACTS,
  'native/decode/': [...NATIVE_CONTRACTS, 'native/ingest/', 'native/jpeg/'],
  'native/cuda/': [...NATIVE_CONTRACTS, 'native/ingest/', 'native/decode/', 'native/jpeg/'],
  'native/session/': [...NATIVE_CONTRACTS, 'native/ingest/', 'native/decode/', 'native/jpeg/', 'native/cuda/'],
};

/** The files that hand the engine to Node see all of it, and alone see Node. */
const WRAPS = /(_wrap\.(h|cc)|^native\/addon\.cc)$/;

/** Headers from outside that only some files may include. */
const OUTER_HEADERS = [
  { headers: /^(napi|node_api|js_native_api|uv)\b/, only: WRAPS },
  { headers: /^(cuda\w*\.h|cuvid|nvcuvid|nvjpeg|npp|ffnvcodec)/i, only: /^(native\/cuda|test\/native\/stand-in)\// },
];

const BINDING = 'services/native-binding.ts';

function partOf(file) {
  const parts = Object.keys(MAY_IMPORT).filter((part) => file.startsWith(part));
  return WRAPS.test(file) ? undefined : parts.sort((a, b) => b.length - a.length)[0];
}

function* violationsOfDirection(file, imports) {
  const part = partOf(file);
  if (part === undefined) return;
  const allowed = [part, ...MAY_IMPORT[part]];
  for (const imported of imports) {
    if (!allowed.some((entry) => imported.startsWith(entry))) yield `${file}: may not import ${imported}`;
  }
}

function* typescriptViolations(file, text) {
  const names = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  const own = names.filter((name) => name.startsWith('.'));
  yield* violationsOfDirection(
    file,
    own.map((name) => join(dirname(file), name).replace(/\.js$/, '.ts')),
  );
  if (file !== BINDING && /['"`][^'"`\n]*\.node['"`]/.test(text)) yield `${file}: only ${BINDING} loads a .node file`;
}

function* nativeViolations(file, text) {
  const includes = [...text.matchAll(/^\s*#\s*include\s*([<"])([^>"]+)/gm)];
  // The engine's own headers are named from native/ on, in quotes.
  const own = includes.filter(([, quote, header]) => quote === '"' && header.includes('/'));
  yield* violationsOfDirection(
    file,
    own.map(([, , header]) => `native/${header}`),
  );
  for (const [, , header] of includes) {
    if (OUTER_HEADERS.some(({ headers, only }) => headers.test(header) && !only.test(file))) {
      yield `${file}: may not include ${header}`;
    }
  }
}

const base = process.argv[2] ?? root;
const check = (folders, endings, violationsOf) =>
  listFiles(folders, endings, base).flatMap((file) => [...violationsOf(file, readFileSync(join(base, file), 'utf8'))]);

const violations = [
  ...check(['cli', 'services', 'simulator'], ['.ts'], typescriptViolations),
  ...check(['native', 'test/native'], ['.h', '.cc', '.cu'], nativeViolations),
];
for (const violation of violations) console.error(violation);
if (violations.length > 0) process.exitCode = 1;
