import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** One command of the program. */
export interface Command {
  /** What it does, in a line. */
  readonly summary: string;
  /** All that `--help` prints. */
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

interface Arguments<O extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ readonly options: O }>>['values'];
  readonly operands: readonly string[];
}

/**
 * The options by name, and exactly one operand for each of `operandNames`.
 * @throws UsageError, which repeats no operand: somebody may have put a URL with a password there.
 */
export function readArguments<const O extends Options>(
  args: readonly string[],
  options: O,
  operandNames: readonly string[],
): Arguments<O> {
  const { values, positionals } = parse(args, options);
  const missing = operandNames[positionals.length];
  if (missing !== undefined) throw new UsageError(`Expected <${missing}>`);
  if (positionals.length > operandNames.length) {
    const last = operandNames.at(-1);
    throw new UsageError(`Expected nothing after ${last === undefined ? 'the command' : `<${last}>`}`);
  }
  return { values, operands: positionals };
}

function parse<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true as const });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws UsageError for anything but decimal digits. The server knows the range. */
export function readInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`Expected an integer for --${option} but received ${shown(text)}`);
  return Number(text);
}

/** @throws UsageError for anything but a decimal number. The server knows the range. */
export function readNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) {
    throw new UsageError(`Expected a number for --${option} but received ${shown(text)}`);
  }
  return Number(text);
}

/** @throws UsageError for what cannot be a camera's id; it is not repeated. */
export function readCameraId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new UsageError("Expected a camera's id (framewell list shows them) but received other text");
}

/** As far as it may be printed: what looks like a URL may hold a password. */
export function shown(text: string): string {
  return /[@/]/.test(text) ? 'text with "@" or "/" (not shown)' : JSON.stringify(text);
}
