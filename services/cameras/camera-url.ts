import { ParameterError } from '../errors.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** RFC 3986 host and port, up to where the path or query begins. */
const HOST_PORT = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::\d{1,5})?(?=[/?]|$)/i;

const PERCENT_TRIPLET = /(%[0-9a-f]{2})/i;

/**
 * Reads a camera's URL as people write it: with a password whose `@ # % : ! ? /` nobody encoded. Throws a
 * ParameterError when it could be meant in two ways; a wrong guess would send, and print, half a password as the host.
 *
 * @param passwordApart whether the password is given elsewhere; then the URL is read strictly.
 */
export function parseCameraUrl(text: string, passwordApart: boolean): URL {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'rtsp' && scheme !== 'rtsps') {
    throw unexpected(scheme === undefined ? 'text without a scheme' : `${scheme}://`);
  }
  const rest = text.slice(scheme.length + '://'.length);
  const hostAt = findHost(rest, passwordApart);
  const login = hostAt === 0 ? '' : `${encodeLogin(rest.slice(0, hostAt - 1))}@`;
  const address = rest.slice(hostAt);
  // RTSP URLs have no fragment; one comes from other programs' option syntax, or is part of an unencoded path.
  if (address.includes('#')) throw unexpected('one with "#" after the host (write %23)');
  const href = `${scheme}://${login}${address}`;
  // The URL constructor's own error has the whole input in it.
  if (!URL.canParse(href)) throw unexpected('one with a wrong host or port');
  return new URL(href);
}

/** Index in `rest` (the URL after "://") where host and port begin. */
function findHost(rest: string, passwordApart: boolean): number {
  const slashAt = rest.indexOf('/');
  const authorityEnd = slashAt === -1 ? rest.length : slashAt;
  const candidates = [0, ...Array.from(rest.matchAll(/@/g), (match) => match.index + 1)].filter((at) =>
    HOST_PORT.test(rest.slice(at)),
  );
  // RFC 3986 3.2: the first slash ends the authority. Before it only the last "@" can be the one before the host.
  const strict = candidates.filter((at) => at <= authorityEnd).at(-1);
  const beyond = candidates.filter((at) => at > authorityEnd);
  if (strict !== undefined) {
    // An "@" after the first slash is the path's or query's own, unless the slash may be that of user or password.
    const beforeHost = passwordApart ? rest.slice(0, strict) : rest.slice(0, beyond.at(-1));
    if (beyond.length === 0 || !beforeHost.includes(':')) return strict;
  } else if (beyond.length === 1) {
    return beyond[0]!;
  } else if (beyond.length === 0) {
    throw unexpected('one without a host');
  }
  throw new ParameterError(
    'the camera URL',
    'one "@" that can stand before the host, with %40 and %2F for "@" and "/" elsewhere, or the password apart',
    'a URL that can be read in several ways',
  );
}

/** Percent-encodes what is not yet; a "%" that begins no triplet stands for itself. */
function encodeLogin(login: string): string {
  const colonAt = login.indexOf(':');
  if (colonAt === -1) return percentEncode(login);
  return `${percentEncode(login.slice(0, colonAt))}:${percentEncode(login.slice(colonAt + 1))}`;
}

function percentEncode(text: string): string {
  // Splitting by a captured group leaves the triplets at the odd places.
  return text
    .split(PERCENT_TRIPLET)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}

function unexpected(received: string): ParameterError {
  return new ParameterError('the camera URL', 'rtsp://host[:port]/path or rtsps://host[:port]/path', received);
}
