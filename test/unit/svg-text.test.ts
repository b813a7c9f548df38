import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';

import { escapeXml, fitText, widthInEm, wrapText } from '../../services/jpeg/svg-text.js';

test('markup is escaped, in content and in attributes', () => {
  assert.equal(escapeXml(`</text> & "a" 'b'`), '&lt;/text&gt; &amp; &quot;a&quot; &apos;b&apos;');
});

test('any text becomes a document that a strict parser takes', async () => {
  const everyUnit = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).join('x');
  const beyond = '👁️‍🗨️ 𝕏 \u{10FFFF}';
  for (const text of [everyUnit, beyond, ']]>', '<!--', '<?x', '&#0;']) {
    const escaped = escapeXml(text);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><desc title="${escaped}">${escaped}</desc></svg>`;
    const { width } = await sharp(Buffer.from(svg)).metadata();
    assert.equal(width, 8);
  }
});

test('what XML does not allow is replaced, and nothing else', () => {
  assert.equal(escapeXml('a\u0000b\u001bc\uFFFEd\uD800e'), 'a\uFFFDb\uFFFDc\uFFFDd\uFFFDe');
  assert.equal(escapeXml('Tür 門 مدخل 👁️‍🗨️\t\n'), 'Tür 門 مدخل 👁️‍🗨️\t\n');
});

describe('text is fitted by whole characters', () => {
  const cases: [text: string, mostEm: number, fitted: string][] = [
    ['Front door', 100, 'Front door'],
    ['Front door', widthInEm('Front door'), 'Front door'],
    ['Front door', widthInEm('Front…'), 'Front…'],
    ['Front door', widthInEm('Front …'), 'Front…'],
    ['倉庫の入口', widthInEm('倉庫…'), '倉庫…'],
    ['👁️‍🗨️👁️‍🗨️', widthInEm('👁️‍🗨️…'), '👁️‍🗨️…'],
    ['Front door', 0, '…'],
    ['', 0, ''],
  ];
  for (const [text, mostEm, fitted] of cases) {
    test(`"${text}" in ${mostEm.toFixed(2)} em`, () => assert.equal(fitText(text, mostEm), fitted));
  }

  test('ideographs count for more than letters', () => assert.ok(widthInEm('倉庫') > widthInEm('ab')));
});

describe('words are wrapped', () => {
  const mostEm = widthInEm('0123456789');
  const cases: [text: string, mostLines: number, lines: string[]][] = [
    ['one two three four', 3, ['one two', 'three four']],
    ['one two three four', 1, ['one two t…']],
    ['one two three four five', 2, ['one two', 'three fou…']],
    ['a-word-that-is-too-long then', 3, ['a-word-th…', 'then']],
    ['one', 0, []],
    ['', 3, []],
    [' one   two ', 3, ['one two']],
  ];
  for (const [text, mostLines, lines] of cases) {
    test(`"${text}" in ${mostLines} lines`, () => assert.deepEqual(wrapText(text, mostEm, mostLines), lines));
  }
});
