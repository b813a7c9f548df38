import type { ConfigKey } from '../../services/config-key.js';
import { CAMERA_KEYS } from '../../services/config-camera-keys.js';
import { SERVER_KEYS } from '../../services/config-keys.js';

const WIDTH = 118;

const HEADER =
  'Every setting of Framewell. Copy this file to .env and take the "#" from the lines that you change; a variable of ' +
  'the environment goes before the same one here. Values may stand in quotes. After white space "#" begins a comment.';

const TABLE_BEGIN = '<!-- configuration: written by scripts/write-config-docs.mjs -->';
// Prettier would align the columns, and one long meaning would make every line as long.
const AS_WRITTEN = ['<!-- prettier-ignore-start -->', '<!-- prettier-ignore-end -->'];
const TABLE_END = '<!-- /configuration -->';

const cameraKeys: ConfigKey<unknown>[] = Object.values(CAMERA_KEYS);
const serverKeys: ConfigKey<unknown>[] = Object.values(SERVER_KEYS);

/** What .env.example has to be. */
export function envExample(): string {
  const entries = [...cameraKeys, ...serverKeys].map((key) => {
    const value = key.default ?? key.example;
    return `${comment(key.description)}\n${comment(factsOf(key))}\n#${key.name.replace(/n$/, '1')}=${value}\n`;
  });
  return [`${comment(HEADER)}\n`, ...entries].join('\n');
}

/** README with the table of settings that it has to have. */
export function withConfigTable(readme: string): string {
  const begin = readme.indexOf(TABLE_BEGIN);
  const end = readme.indexOf(TABLE_END);
  if (begin === -1 || end < begin) throw new Error(`Expected ${TABLE_BEGIN} and ${TABLE_END} in README.md`);
  const rows = [...cameraKeys, ...serverKeys].map((key) => {
    const standard = key.default === undefined ? '' : `\`${key.default}\``;
    return `| \`${key.name}\` | ${standard} | ${key.unit ?? ''} | ${key.description} |`;
  });
  const table = ['| Key | Default | Unit | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, begin)}${TABLE_BEGIN}\n${AS_WRITTEN.join(`\n\n${table}\n\n`)}\n${readme.slice(end)}`;
}

function factsOf(key: ConfigKey<unknown>): string {
  const expected = `Expected: ${key.expected}.`;
  return key.default ? `${expected} Default: ${[key.default, key.unit].filter(Boolean).join(' ')}.` : expected;
}

function comment(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}
