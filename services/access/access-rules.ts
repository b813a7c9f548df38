import { isIP } from 'node:net';
import type { Secret } from '../secret.js';
import type { AccessToken } from './access-tokens.js';
import { TokenBook } from './token-book.js';

export interface AccessRules {
  readonly tokens: TokenBook;
  /** Whom to serve without credentials; `thisMachine` as long as nothing but loopback is listened on. */
  readonly anonymous: 'nobody' | 'thisMachine' | 'everybody';
  /** Other sites whose pages may read answers and open live streams, as in the Origin header. */
  readonly allowedOrigins: ReadonlySet<string>;
}

export interface AccessSettings {
  readonly host: string;
  readonly apiTokens: readonly AccessToken[];
  readonly adminToken?: Secret | undefined;
  readonly allowAnonymous: boolean;
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Undefined when they would open the cameras to whoever reaches the server, which nobody has said to be right. */
export function accessRulesOf(settings: AccessSettings): AccessRules | undefined {
  const { host, apiTokens, adminToken, allowAnonymous, allowedOrigins } = settings;
  const tokens = adminToken ? [...apiTokens, { name: 'admin', role: 'admin', secret: adminToken } as const] : apiTokens;
  const book = new TokenBook(tokens);
  if (allowAnonymous) return { tokens: book, anonymous: 'everybody', allowedOrigins };
  if (isLoopback(host) && apiTokens.length === 0) return { tokens: book, anonymous: 'thisMachine', allowedOrigins };
  return tokens.length > 0 ? { tokens: book, anonymous: 'nobody', allowedOrigins } : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
