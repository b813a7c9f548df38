import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';

/** A fenced block of a page. */
export interface FencedBlock {
  readonly page: string;
  /** Of its first line of text, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The pages whose commands are tested. */
export function documentationPages(): string[] {
  const docs = readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = docs.filter((name) => name.endsWith('.md')).sort();
  return ['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)];
}

/** All blocks of a page, in their order. */
export function fencedBlocks(page: string): FencedBlock[] {
  const text = readFileSync(join(projectRoot, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language, 2: content }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    language: language!,
    text: content!,
  }));
}

/** The one block of that language on the page that has `word` in it. */
export function fencedBlock(page: string, language: string, word = ''): string {
  const found = fencedBlocks(page).filter((block) => block.language === language && block.text.includes(word));
  if (found.length !== 1)
    throw new Error(`Expected one ${language} block with "${word}" in ${page}, not ${found.length}`);
  return found[0]!.text;
}
