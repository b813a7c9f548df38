import { fileURLToPath } from 'node:url';

/** The folder of the page's files, which are served as they are. */
export const WEB_ROOT = fileURLToPath(new URL('../../../web/', import.meta.url));

/** A module of the page that needs no browser. */
export async function importWebModule<T>(path: string): Promise<T> {
  return (await import(new URL(`../../../web/${path}`, import.meta.url).href)) as T;
}
