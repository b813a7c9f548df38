import { byId } from './dom.js';
import { setText } from './viewer/dom.js';

/** @typedef {{ name: string, role: 'viewer' | 'admin' }} User */

const ANONYMOUS = 'anonymous';

const form = /** @type {HTMLFormElement} */ (byId('login'));
const field = /** @type {HTMLInputElement} */ (byId('token'));
const logOutButton = /** @type {HTMLButtonElement} */ (byId('log-out'));

/** The form that stands where the cameras would be, and the way out for who came in by it. */
export class Login {
  #onLoggedIn;
  /** Whether it is known who asks; asked for once, and again after each login. */
  #isUserKnown = false;
  #isSending = false;

  /** @param {() => void} onLoggedIn */
  constructor(onLoggedIn) {
    this.#onLoggedIn = onLoggedIn;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#logIn();
    });
    logOutButton.addEventListener('click', () => void this.#logOut());
  }

  /** The server shows nothing without a login. */
  require() {
    this.#isUserKnown = false;
    logOutButton.hidden = true;
    if (!form.hidden) return;
    form.hidden = false;
    field.focus();
  }

  /** The server shows its cameras. */
  settle() {
    form.hidden = true;
    if (this.#isUserKnown) return;
    this.#isUserKnown = true;
    void this.#showUser();
  }

  async #logIn() {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#say('');
    try {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await ask({ method: 'POST', headers, body: JSON.stringify({ token: field.value }) });
      if (answer.ok) {
        form.reset();
        this.#onLoggedIn();
      } else {
        this.#say(refusal(answer));
        field.select();
      }
    } catch {
      this.#say('The server cannot be reached.');
    } finally {
      this.#isSending = false;
    }
  }

  async #logOut() {
    try {
      await ask({ method: 'DELETE' });
      // Ends the sockets too, which were opened with the login.
      location.reload();
    } catch {
      // No contact: the page says so already, and nobody is logged out.
    }
  }

  async #showUser() {
    try {
      const { name } = /** @type {User} */ (await (await ask({})).json());
      logOutButton.hidden = name === ANONYMOUS;
      logOutButton.title = `Logged in as ${name}`;
    } catch {
      this.#isUserKnown = false;
    }
  }

  /** @param {string} problem */
  #say(problem) {
    setText(byId('login-problem'), problem);
    field.setAttribute('aria-invalid', String(problem !== ''));
  }
}

/** @param {RequestInit} request */
function ask(request) {
  return fetch(new URL('session', document.baseURI), { cache: 'no-store', ...request });
}

/** @param {Response} answer */
function refusal({ status, headers }) {
  if (status === 401) return 'This token is not valid.';
  if (status === 429) return `Too many tries. Wait ${headers.get('retry-after') ?? '60'} seconds.`;
  return `The server answered ${status}.`;
}
