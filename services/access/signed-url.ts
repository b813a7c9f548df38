import type { AccessToken } from './access-tokens.js';
import type { TokenBook } from './token-book.js';

/** Query parameters that a signature adds. */
const SIGNER = 'signer';
const EXPIRES = 'expires';
const SIGNATURE = 'signature';

export interface Signature {
  readonly signer: AccessToken;
  readonly expiresAtMs: number;
}

/**
 * `target` (path and query) with what lets anybody GET it until `expiresAtMs`, with the signer's rights. Everything in
 * it is covered: another width is another URL. Taking the signer's token away ends what it has signed.
 */
export function signUrl(target: string, { name, secret }: AccessToken, expiresAtMs: number): string {
  const { path, parameters } = split(target);
  parameters.set(SIGNER, name);
  parameters.set(EXPIRES, String(Math.floor(expiresAtMs / 1000)));
  parameters.set(SIGNATURE, secret.seal(signedText(path, parameters)));
  return `${path}?${parameters.toString()}`;
}

/** Who signed it and until when that counts; undefined when it is unsigned, altered or expired. */
export function readSignedUrl(target: string, book: TokenBook, nowMs: number): Signature | undefined {
  const { path, parameters } = split(target);
  const signature = parameters.get(SIGNATURE);
  const signer = parameters.get(SIGNER);
  if (signature === null || signer === null) return undefined;
  parameters.delete(SIGNATURE);
  const token = book.findByName(signer);
  if (!token?.secret.isSealOf(signature, signedText(path, parameters))) return undefined;
  const expiresAtMs = Number(parameters.get(EXPIRES)) * 1000;
  return expiresAtMs > nowMs ? { signer: token, expiresAtMs } : undefined;
}

/** Parameters in any order: proxies and programs rearrange them. */
function signedText(path: string, parameters: URLSearchParams): string {
  const pairs = [...parameters].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return ['url', path, ...pairs.sort()].join('\n');
}

function split(target: string): { path: string; parameters: URLSearchParams } {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  return { path, parameters: new URLSearchParams(query) };
}
