import type { AccessToken } from './access-tokens.js';
import type { TokenBook } from './token-book.js';

export const SESSION_COOKIE = 'framewell_session';
export const SESSION_SECONDS = 30 * 24 * 3600;

/**
 * What a browser keeps after a login: whose it is and until when, sealed with the token's hash. Nothing is kept on
 * this side, so that a restart ends no login; a token that is taken away or changed ends all of its logins.
 */
export function issueSession({ name, secret }: AccessToken, nowMs: number): string {
  const expires = Math.floor(nowMs / 1000) + SESSION_SECONDS;
  return `${name}.${expires}.${secret.seal(sessionText(name, expires))}`;
}

/** Whose login it is; undefined when it has expired or was not issued here. */
export function readSession(cookie: string, book: TokenBook, nowMs: number): AccessToken | undefined {
  const [name = '', expires = '', seal = ''] = cookie.split('.');
  const token = book.findByName(name);
  if (!token?.secret.isSealOf(seal, sessionText(name, expires))) return undefined;
  return Number(expires) * 1000 > nowMs ? token : undefined;
}

function sessionText(name: string, expires: number | string): string {
  return `session\n${name}\n${expires}`;
}
