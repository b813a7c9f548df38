import { FramewellError } from '../services/errors.js';
import type { Cause } from '../services/stream/decode-backend.js';
import { printable } from './terminal.js';

/** What was asked for could not be done: the code and words of whoever could not, and what lies behind. */
export class CommandFailure extends Error {
  readonly code: string | undefined;
  readonly reason: Cause | undefined;

  constructor(message: string, options: { readonly code?: string; readonly reason?: Cause | undefined } = {}) {
    super(message);
    this.code = options.code;
    this.reason = options.reason;
  }

  /** The failure of an error answer of the API. Undefined where the text is none: another server, a proxy. */
  static fromAnswer(text: string): CommandFailure | undefined {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (!isCause(answer)) return undefined;
    const { code, message, cause } = answer as Cause & { cause?: unknown };
    return new CommandFailure(message, { code, reason: isCause(cause) ? cause : undefined });
  }

  /** That of a failure of this program or of the library; anything else is a fault, and thrown on. */
  static from(error: unknown): CommandFailure {
    if (error instanceof CommandFailure) return error;
    if (error instanceof FramewellError) return new CommandFailure(error.message, { code: error.code });
    throw error;
  }

  /** A line, and another for the reason. */
  override toString(): string {
    const lines = [this.code === undefined ? this.message : `${this.code}: ${this.message}`];
    if (this.reason) lines.push(`  ${this.reason.code}: ${this.reason.message}`);
    return lines.map(printable).join('\n');
  }
}

function isCause(value: unknown): value is Cause {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
