/** The WebSocket subprotocol, written down in docs/viewer-protocol.md. */
export const SUBPROTOCOL = 'framewell.v1';

const HEADER_BYTES = 32;
const HEADER_VERSION = 1;

/**
 * Why there are no pictures: a stable code, and words for a person.
 * @typedef {{ code: string, message: string }} Cause
 *
 * What the server says of a camera, first when it is subscribed to and then whenever something of it changes.
 * @typedef {object} CameraInfo
 * @property {number} channel
 * @property {string} id
 * @property {string} name
 * @property {string} state
 * @property {Cause} [cause]
 * @property {number | null} width as displayed; null until it is known, as is the height
 * @property {number | null} height
 *
 * How far the server had to reduce what was asked for so that pictures stay new on this connection.
 * @typedef {object} LinkInfo
 * @property {number} rung 0 is all that was asked for
 * @property {number | null} kbps estimated
 *
 * Bounds of a stream's pictures, which are never enlarged.
 * @typedef {{ width?: number, height?: number, quality?: number, fps?: number }} Limits
 *
 * @typedef {object} Picture
 * @property {number} channel
 * @property {number} rung how far this picture was reduced
 * @property {number} sequence
 * @property {number} ageMs how old it was when the server sent it
 * @property {number} receivedAtMs Unix time in milliseconds by the server's clock
 * @property {number | null} capturedAtMs Unix time in milliseconds by the camera's clock; null when it does not tell
 * @property {number} arrivedAt when it came, by performance.now()
 * @property {Blob} jpeg
 */

/**
 * A binary message. Throws for one that this version does not know.
 * @param {ArrayBuffer} message
 * @param {number} arrivedAt by performance.now()
 * @returns {Picture}
 */
export function readPicture(message, arrivedAt) {
  const header = new DataView(message);
  if (message.byteLength <= HEADER_BYTES || header.getUint8(0) !== HEADER_VERSION) {
    const version = message.byteLength > 0 ? header.getUint8(0) : 'none';
    throw new RangeError(
      `Expected a picture of version ${HEADER_VERSION} but received ${message.byteLength} bytes of version ${version}`,
    );
  }
  return {
    rung: header.getUint8(1),
    channel: header.getUint16(2, true),
    ageMs: header.getUint32(4, true),
    sequence: Number(header.getBigUint64(8, true)),
    receivedAtMs: Number(header.getBigUint64(16, true)),
    capturedAtMs: Number(header.getBigUint64(24, true)) || null,
    arrivedAt,
    jpeg: new Blob([new Uint8Array(message, HEADER_BYTES)], { type: 'image/jpeg' }),
  };
}

/**
 * How old a picture is, in milliseconds. The server counts up to the sending and this machine from the arrival, so
 * their clocks need not agree; only the way between them is left out.
 * @param {Picture} picture
 * @param {number} now by performance.now()
 */
export function pictureAge({ ageMs, arrivedAt }, now) {
  return ageMs + Math.max(0, now - arrivedAt);
}

/**
 * Where a server's one socket for all cameras is.
 * @param {string} server URL of the server, http or https
 */
export function streamUrl(server) {
  const url = new URL('stream', server.endsWith('/') ? server : `${server}/`);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
