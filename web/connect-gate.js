// Chromium puts off each socket by 1 to 5 s once some fifteen of a page are being opened; few at a time open at once.
const MOST_CONNECTING = 6;

/** Lets WebSockets be opened a few at a time, first come, first served. */
export class ConnectGate {
  /** @type {Set<() => WebSocket>} */
  #waiting = new Set();
  #connecting = 0;

  /**
   * @param {() => WebSocket} connect called when it is its turn, perhaps at once
   * @returns {() => void} gives the place in the queue up
   */
  enter(connect) {
    this.#waiting.add(connect);
    this.#admit();
    return () => this.#waiting.delete(connect);
  }

  #admit() {
    for (const connect of this.#waiting) {
      if (this.#connecting === MOST_CONNECTING) return;
      this.#waiting.delete(connect);
      this.#connecting += 1;
      this.#watch(connect());
    }
  }

  /** @param {WebSocket} socket */
  #watch(socket) {
    const settled = new AbortController();
    const onSettled = () => {
      settled.abort();
      this.#connecting -= 1;
      this.#admit();
    };
    socket.addEventListener('open', onSettled, { signal: settled.signal });
    socket.addEventListener('close', onSettled, { signal: settled.signal });
  }
}
