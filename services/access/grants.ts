import type { Principal } from './principal.js';
import type { Login } from './session-cookie.js';

/** On what somebody was let in. */
export interface Grant {
  readonly principal: Principal;
  /** Absent for a token, and where nobody is asked for one: these last as long as the process. */
  readonly expiresAtMs?: number;
  /** Of the login, where it is one. */
  readonly loginId?: string;
}

/** A machine that slept, or whose clock was set, finds out so soon; and no timer of Node reaches over a month. */
const LONGEST_TIMER_MS = 60_000;

/** Logouts that are remembered: beyond them the oldest is forgotten, whose browser has no cookie any more. */
const MOST_LOGOUTS = 10_000;

/** What is open on which grant. A stream is asked for once and lasts for days: it ends with what let it in. */
export class Grants {
  /** Ids of logins, oldest first. */
  readonly #loggedOut = new Set<string>();
  /** By the id of the login, what ends the streams that are open on it. */
  readonly #ends = new Map<string, Set<() => void>>();

  isLoggedOut({ id }: Login): boolean {
    return this.#loggedOut.has(id);
  }

  /** Ends what is open on the login, and the login: a copy of its cookie opens nothing until the process ends. */
  logOut({ id }: Login): void {
    this.#loggedOut.add(id);
    const [oldest] = this.#loggedOut;
    if (this.#loggedOut.size > MOST_LOGOUTS) this.#loggedOut.delete(oldest!);
    for (const end of this.#ends.get(id) ?? []) end();
  }

  /**
   * Has `end` called when the grant ends, once.
   * @returns what has to be called when the stream has ended, whatever ended it
   */
  hold({ expiresAtMs, loginId }: Grant, end: () => void): () => void {
    const stopTimer = expiresAtMs === undefined ? undefined : callAt(expiresAtMs, end);
    if (loginId !== undefined) this.#endsOf(loginId).add(end);
    return () => {
      stopTimer?.();
      if (loginId === undefined) return;
      const ends = this.#endsOf(loginId);
      ends.delete(end);
      if (ends.size === 0) this.#ends.delete(loginId);
    };
  }

  #endsOf(loginId: string): Set<() => void> {
    const ends = this.#ends.get(loginId) ?? new Set();
    this.#ends.set(loginId, ends);
    return ends;
  }
}

/** @returns what takes it back */
function callAt(atMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = atMs - Date.now();
    if (leftMs <= 0) call();
    else timer = setTimeout(wait, Math.min(leftMs, LONGEST_TIMER_MS)).unref();
  };
  wait();
  return () => clearTimeout(timer);
}
