import type { AccessToken } from './access-tokens.js';

/** Everybody who has a token. */
export class TokenBook {
  readonly #tokens: readonly AccessToken[];

  constructor(tokens: readonly AccessToken[]) {
    this.#tokens = tokens;
  }

  get hasAdmin(): boolean {
    return this.#tokens.some(({ role }) => role === 'admin');
  }

  /** Takes the same time whichever token it is, and if it is none. */
  findByToken(candidate: string): AccessToken | undefined {
    let found: AccessToken | undefined;
    for (const token of this.#tokens) if (token.secret.matches(candidate)) found = token;
    return found;
  }

  findByName(name: string): AccessToken | undefined {
    return this.#tokens.find((token) => token.name === name);
  }
}
