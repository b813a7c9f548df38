import { createHash, randomBytes } from 'node:crypto';

interface Login {
  readonly user: string;
  readonly password: string;
  /** Any text; it is quoted where it has to be. */
  readonly realm?: string;
  /** Further challenges, sent ahead of the one that is meant, each in a header of its own. */
  readonly otherChallenges?: readonly string[];
}

export interface DigestLogin extends Login {
  readonly scheme: 'digest';
  /** Named in the challenge; absent: MD5, unnamed, as RFC 2069 has it. */
  readonly algorithm?: 'MD5' | 'SHA-256';
  /** Offers qop=auth and then refuses answers without it, and those whose count does not grow (RFC 7616 3.4.3). */
  readonly qop?: boolean;
  /** So many requests pass with a nonce; the next is answered with another one and stale=true. */
  readonly nonceUses?: number;
}

export type Auth = { readonly scheme: 'none' } | (Login & { readonly scheme: 'basic' }) | DigestLogin;

const DEFAULT_REALM = 'Framewell camera simulator';

/** Checks the credentials on one connection. Its nonces are good for that connection. */
export class Authenticator {
  #nonce = newNonce();
  #uses = 0;
  #lastCount = 0;

  /** The WWW-Authenticate headers to answer 401 with; none when the request may pass. */
  challenges(auth: Auth, method: string, authorization = ''): readonly string[] {
    if (auth.scheme === 'none') return [];
    const challenge =
      auth.scheme === 'basic' ? basicChallenge(auth, authorization) : this.#digest(auth, method, authorization);
    return challenge === undefined ? [] : [...(auth.otherChallenges ?? []), challenge];
  }

  #digest(auth: DigestLogin, method: string, authorization: string): string | undefined {
    const given = parseDigest(authorization);
    const isRight = given.get('nonce') === this.#nonce && this.#isRight(auth, method, given);
    if (isRight && ++this.#uses <= (auth.nonceUses ?? Infinity)) return undefined;
    const parameters = [`realm=${quoted(auth.realm ?? DEFAULT_REALM)}`];
    if (isRight) {
      this.#nonce = newNonce();
      this.#uses = 0;
      this.#lastCount = 0;
    }
    parameters.push(`nonce="${this.#nonce}"`);
    if (isRight) parameters.push('stale=true');
    if (auth.algorithm) parameters.push(`algorithm=${auth.algorithm}`);
    if (auth.qop) parameters.push('qop="auth"');
    return `Digest ${parameters.join(', ')}`;
  }

  #isRight(auth: DigestLogin, method: string, given: ReadonlyMap<string, string>): boolean {
    if (given.get('response') !== digestResponse(auth, method, given)) return false;
    if (!auth.qop) return true;
    const count = parseInt(given.get('nc') ?? '', 16);
    const isNew = given.get('qop') === 'auth' && count > this.#lastCount;
    if (isNew) this.#lastCount = count;
    return isNew;
  }
}

function basicChallenge({ user, password, realm = DEFAULT_REALM }: Login, authorization: string): string | undefined {
  const expected = Buffer.from(`${user}:${password}`).toString('base64');
  return /^basic\s+(\S+)$/i.exec(authorization)?.[1] === expected ? undefined : `Basic realm=${quoted(realm)}`;
}

/** RFC 7616 3.4.1, and RFC 2069 without qop, as most cameras have it. */
function digestResponse(auth: DigestLogin, method: string, given: ReadonlyMap<string, string>): string {
  const hash = (text: string): string => {
    return createHash(auth.algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  };
  const login = hash(`${auth.user}:${auth.realm ?? DEFAULT_REALM}:${auth.password}`);
  const request = hash(`${method}:${given.get('uri')}`);
  const count = auth.qop ? `${given.get('nc')}:${given.get('cnonce')}:auth:` : '';
  return hash(`${login}:${given.get('nonce')}:${count}${request}`);
}

function parseDigest(authorization: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (!/^digest\s/i.test(authorization)) return parameters;
  for (const [, name, text, token] of authorization.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    parameters.set((name ?? '').toLowerCase(), text?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return parameters;
}

/** RFC 7230 3.2.6: a quoted-string. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
