import { parse } from 'dotenv';

const ASSIGNMENT = /^\s*(?:export\s+)?([\w.-]+)\s*=([^\r\n]*)/gm;
const QUOTED = /^\s*(['"`]).*\1/;

/**
 * Reads the text of a .env file. As dotenv does, but "#" begins a comment only at the value's start after a blank or
 * after white space, as in a shell: dotenv cuts CAMERA_PASSWORD_1=pa#ss to "pa" and says nothing.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = parse(text);
  for (const [, key = '', written = ''] of text.matchAll(ASSIGNMENT)) {
    if (QUOTED.test(written)) continue;
    const value = written.replace(/\s#.*$/, '').trim();
    if (value.includes('#')) values[key] = value;
  }
  return values;
}
