import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { projectRoot } from '../../services/project-root.js';

const PATH = join(projectRoot, 'docs/benchmarks.md');

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Puts Markdown between the markers `<!-- NAME begin -->` and `<!-- NAME end -->` of docs/benchmarks.md. */
export async function writeSection(name: string, markdown: string): Promise<void> {
  const text = await readFile(PATH, 'utf8');
  const [begin, end] = [`<!-- ${name} begin -->`, `<!-- ${name} end -->`];
  const [beginAt, endAt] = [text.indexOf(begin), text.indexOf(end)];
  if (beginAt === -1 || endAt < beginAt) throw new Error(`Expected ${begin} and ${end} in docs/benchmarks.md`);
  const changed = `${text.slice(0, beginAt + begin.length)}\n\n${markdown}\n\n${text.slice(endAt)}`;
  await writeFile(PATH, await format(changed, { ...(await resolveConfig(PATH)), parser: 'markdown' }));
}
