/** What XML 1.0 (2.2) does not allow in a document, not even escaped, lone surrogates among it. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Ideographs, syllables and pictographs, which are about as wide as high. */
const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;
const WIDE_EM = 1.1;
/** Of DejaVu Sans, taken over ordinary text; a name in capitals is wider, so whoever draws clips as well. */
const NARROW_EM = 0.62;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Any text as the content of an XML element or attribute. */
export function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** About how wide the text is, in font sizes. Nothing here can measure it: that takes the font. */
export function widthInEm(text: string): number {
  return sum(splitGraphemes(text).map((grapheme) => (WIDE.test(grapheme) ? WIDE_EM : NARROW_EM)));
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function fitText(text: string, mostEm: number): string {
  if (widthInEm(text) <= mostEm) return text;
  const kept = splitGraphemes(text);
  while (kept.length > 0 && widthInEm(`${kept.join('')}…`) > mostEm) kept.pop();
  return `${kept.join('').trimEnd()}…`;
}

/** The text in lines of whole words; what does not fit in the last line is cut off with an ellipsis. */
export function wrapText(text: string, mostEm: number, mostLines: number): string[] {
  if (mostLines < 1) return [];
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    const isNewLine = lines.length === 0 || (widthInEm(longer) > mostEm && lines.length < mostLines);
    if (isNewLine) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => fitText(line, mostEm));
}

function splitGraphemes(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
