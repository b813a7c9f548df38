const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

// A server that accepts and drops again at once must not be asked twice a second for ever.
const STEADY_MS = 10_000;

/** @typedef {import('./protocol.js').Cause} Cause */

/**
 * What is used of a WebSocket.
 * @typedef {Pick<WebSocket, 'readyState' | 'binaryType' | 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>} Socket
 *
 * @typedef {object} SocketListener
 * @property {() => void} onOpen
 * @property {(data: string | ArrayBuffer) => void} onMessage
 * @property {(cause: Cause) => void} onLost the socket could not be opened, or closed although nobody asked it to
 */

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** @type {Cause} A browser does not tell more. */
const NO_CONTACT = { code: 'ERR_NO_CONTACT', message: 'The server does not answer' };

/** @type {Cause} */
const NOT_ALLOWED = {
  code: 'ERR_SOCKET_REFUSED',
  message: 'The browser does not let this page connect to the server',
};

/** One WebSocket that is opened again with growing, jittered pauses for as long as it is wanted. */
export class ReconnectingSocket {
  #open;
  #listener;
  /** @type {Socket | null} */
  #socket = null;
  #isWanted = false;
  #failures = 0;
  #openedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} Set while the next try is waited for. */
  #retryTimer;

  /**
   * @param {() => Socket} open
   * @param {SocketListener} listener
   */
  constructor(open, listener) {
    this.#open = open;
    this.#listener = listener;
  }

  get isOpen() {
    return this.#socket?.readyState === OPEN;
  }

  /** Opens the socket, unless that has been asked for before. */
  start() {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#connect();
  }

  stop() {
    this.#isWanted = false;
    this.#failures = 0;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#leave();
  }

  /** Ends a pause between two tries: there is a reason to believe that the next one succeeds. */
  retry() {
    if (this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }

  /** Gives the socket up as if the server had closed it. */
  abandon() {
    this.#leave();
    this.#lose(NO_CONTACT);
  }

  /** @param {object} message */
  send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  #connect() {
    this.#retryTimer = undefined;
    this.#openedAt = Infinity;
    const socket = this.#tryOpen();
    if (!socket) {
      this.#lose(NOT_ALLOWED);
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#openedAt = performance.now();
      this.#listener.onOpen();
    };
    socket.onmessage = ({ data }) => this.#listener.onMessage(data);
    socket.onclose = () => {
      this.#socket = null;
      this.#lose(NO_CONTACT);
    };
  }

  /** @returns {Socket | null} null where the browser does not allow it, and then says why in its console */
  #tryOpen() {
    try {
      const socket = this.#open();
      // Chromium makes a closed one, which has no close event, where the content security policy forbids it.
      return socket.readyState === CLOSED ? null : socket;
    } catch {
      // Browsers throw at a page over https that asks for a server over http.
      return null;
    }
  }

  /** @param {Cause} cause */
  #lose(cause) {
    if (performance.now() - this.#openedAt > STEADY_MS) this.#failures = 0;
    this.#retryTimer = setTimeout(() => this.#connect(), retryDelay(this.#failures));
    this.#failures += 1;
    this.#listener.onLost(cause);
  }

  #leave() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    // A closing socket still delivers.
    socket.onmessage = null;
    socket.onclose = null;
    // Browsers print a warning for a socket that is closed before it is open.
    if (socket.readyState === CONNECTING) socket.onopen = () => socket.close();
    else socket.close();
  }
}

/**
 * The pause before the next try, in milliseconds. Jittered, since a server that restarts loses all its viewers at once.
 * @param {number} failures so far
 */
export function retryDelay(failures) {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
  return delayMs * (0.75 + Math.random() / 2);
}
