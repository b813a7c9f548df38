import { randomBytes } from 'node:crypto';
import type { AccessToken } from './access-tokens.js';
import type { TokenBook } from './token-book.js';

export const SESSION_COOKIE = 'framewell_session';
export const SESSION_SECONDS = 30 * 24 * 3600;

/** A browser that is logged in. */
export interface Login {
  readonly user: AccessToken;
  /** Tells browsers apart that logged in with one token. */
  readonly id: string;
  readonly expiresAtMs: number;
}

/**
 * What a browser keeps after a login: whose it is, which login and until when, sealed with the token's hash. Nothing is
 * kept on this side, so that a restart ends no login; a token that is taken away or changed ends all of its logins.
 */
export function issueSession({ name, secret }: AccessToken, nowMs: number): string {
  const id = randomBytes(12).toString('base64url');
  const expires = Math.floor(nowMs / 1000) + SESSION_SECONDS;
  return `${name}.${id}.${expires}.${secret.seal(sessionText(name, id, expires))}`;
}

/** The login that it stands for; undefined when it has expired or was not issued here. */
export function readSession(cookie: string, book: TokenBook, nowMs: number): Login | undefined {
  const [name = '', id = '', expires = '', seal = ''] = cookie.split('.');
  const user = book.findByName(name);
  if (!user?.secret.isSealOf(seal, sessionText(name, id, expires))) return undefined;
  const expiresAtMs = Number(expires) * 1000;
  return expiresAtMs > nowMs ? { user, id, expiresAtMs } : undefined;
}

function sessionText(name: string, id: string, expires: number | string): string {
  return ['session', name, id, expires].join('\n');
}
