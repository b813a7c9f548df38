/** The head of a request arrives in a packet or two; who takes longer means to be slow. */
const HEADERS_TIMEOUT_MS = 10_000;

/** With its body, of which the largest is a camera's settings. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** How often requests that are late are looked for. */
const CHECK_INTERVAL_MS = 1000;

/** Longer than proxies keep a connection that rests (nginx 60 s, Traefik 90 s): they would use one as it closes. */
const KEEP_ALIVE_TIMEOUT_MS = 95_000;

/** Of who reads no answer. Longer than a snapshot can be waited for; live streams have bounds of their own. */
const SILENCE_TIMEOUT_MS = 120_000;

/** A signed URL, a cookie, what a browser says of itself and what proxies add come to less than half. */
export const MOST_HEADER_BYTES = 16 * 1024;
export const MOST_HEADERS = 128;

/** A camera's settings are far smaller. */
const MOST_BODY_BYTES = 64 * 1024;

/**
 * For Fastify: how long and how large requests may be. Some are of Node's server, which Fastify makes over TLS or not.
 * @param tls PEM
 */
export function connectionOptions(tls?: { readonly cert: string; readonly key: string }) {
  const server = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    maxHeaderSize: MOST_HEADER_BYTES,
  };
  return {
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    // The handshake comes before what Node takes for a request.
    ...(tls ? { https: { ...server, ...tls, handshakeTimeout: HEADERS_TIMEOUT_MS } } : { http: server }),
  };
}
