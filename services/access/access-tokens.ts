import { Secret } from '../secret.js';
import { ANONYMOUS, type Principal, type Role } from './principal.js';

/** A bearer token and whose it is. The token itself is not kept, only its hash. */
export interface AccessToken extends Principal {
  readonly secret: Secret;
}

export const TOKEN_FORMAT =
  'name:role:cameras:token entries, separated by commas or lines, where role is viewer or admin, cameras is * or ids ' +
  'joined by +, token has 16-512 letters, digits or - . _ ~ + / =, and no name comes twice or is anonymous';

const NAME = /^[A-Za-z0-9_-]{1,32}$/;
const CAMERAS = /^(\*|[A-Za-z0-9_-]{1,64}(\+[A-Za-z0-9_-]{1,64})*)$/;
/** RFC 6750 2.1: what can stand in an Authorization header. Shorter ones could be guessed. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{16,512}$/;
const ROLES: readonly string[] = ['viewer', 'admin'] satisfies Role[];

/** The entries of API_TOKENS or of its file; undefined when one of them is wrong or a name comes twice. */
export function parseAccessTokens(text: string): readonly AccessToken[] | undefined {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('#'));
  const tokens = entries.map(parseEntry).filter((token) => token !== undefined);
  const names = new Set(tokens.map(({ name }) => name));
  return names.size === entries.length ? tokens : undefined;
}

function parseEntry(entry: string): AccessToken | undefined {
  const [name = '', role = '', cameras = '', token = '', ...rest] = entry.split(':');
  const isRight =
    rest.length === 0 &&
    NAME.test(name) &&
    name !== ANONYMOUS.name &&
    ROLES.includes(role) &&
    CAMERAS.test(cameras) &&
    TOKEN.test(token);
  // Who may change cameras may point one anywhere: an administrator of some cameras would be one of all.
  if (!isRight || (role === 'admin' && cameras !== '*')) return undefined;
  return {
    name,
    role: role as Role,
    ...(cameras !== '*' && { cameras: new Set(cameras.split('+')) }),
    secret: new Secret(token),
  };
}
