import { createHash, randomBytes } from 'node:crypto';
import type { Auth } from '../behaviour.js';

const DEFAULT_REALM = 'Framewell camera simulator';

/** Checks the credentials on one connection. Its nonce is good for that connection. */
export class Authenticator {
  readonly #nonce = randomBytes(16).toString('hex');

  /** The WWW-Authenticate header to answer 401 with, or undefined when the request may pass. */
  challenge(auth: Auth, method: string, authorization: string | undefined): string | undefined {
    if (auth.scheme === 'none') return undefined;
    const realm = auth.realm ?? DEFAULT_REALM;
    if (auth.scheme === 'basic') {
      const expected = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
      return /^basic\s+(\S+)$/i.exec(authorization ?? '')?.[1] === expected ? undefined : `Basic realm="${realm}"`;
    }
    const given = parseDigest(authorization ?? '');
    const expected = digestResponse({ ...auth, realm, nonce: this.#nonce, method, uri: given.get('uri') ?? '' });
    const passes = given.get('nonce') === this.#nonce && given.get('response') === expected;
    return passes ? undefined : `Digest realm="${realm}", nonce="${this.#nonce}"`;
  }
}

interface DigestInput {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
}

/** RFC 2617 3.2.2.1 without qop, as most cameras have it. */
function digestResponse({ user, password, realm, nonce, method, uri }: DigestInput): string {
  return md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`${method}:${uri}`)}`);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function parseDigest(authorization: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (!/^digest\s/i.test(authorization)) return parameters;
  for (const [, name, quoted, token] of authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    parameters.set((name ?? '').toLowerCase(), quoted ?? token ?? '');
  }
  return parameters;
}
