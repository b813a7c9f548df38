import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/** A text that can be compared with, and cannot print itself. */
export class Secret {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = digestOf(text);
  }

  /** Takes as long for a near miss as for a far one. */
  matches(candidate: string): boolean {
    return timingSafeEqual(this.#digest, digestOf(candidate));
  }

  /** A seal (HMAC-SHA-256, base64url) that only who knows the secret or its hash can put on `text`. */
  seal(text: string): string {
    return createHmac('sha256', this.#digest).update(text).digest('base64url');
  }

  isSealOf(candidate: string, text: string): boolean {
    return timingSafeEqual(digestOf(candidate), digestOf(this.seal(text)));
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return 'Secret(***)';
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
