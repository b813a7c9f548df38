import { isIP } from 'node:net';

/** What a right value is, in words that follow "Expected", and what it means; undefined when it is wrong. */
interface Value<T> {
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
}

const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** Any text, as it was written. */
export function words(expected: string): Value<string> {
  return { expected, parse: (text) => text };
}

/** Text that cannot be guessed. */
export function longText(): Value<string> {
  return { expected: 'text of at least 16 characters', parse: (text) => (text.length >= 16 ? text : undefined) };
}

export function integer(least: number, most: number): Value<number> {
  return {
    expected: `integer ${least}-${most}`,
    parse(text) {
      if (!/^\d{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= least && value <= most ? value : undefined;
    },
  };
}

export function yesOrNo(): Value<boolean> {
  return {
    expected: 'true or false',
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Value<T> {
  return {
    expected: values.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    parse: (text) => values.find((value) => value === text),
  };
}

export function address(): Value<string> {
  return {
    expected: 'an IP address or host name',
    parse: (text) => (isIP(text) !== 0 || HOST_NAME.test(text) ? text : undefined),
  };
}

export function networks(): Value<readonly string[]> {
  return {
    expected: 'IP addresses or networks such as 10.0.0.0/8, with commas between',
    parse: (text) => (list(text).every(isNetwork) ? list(text) : undefined),
  };
}

/** As browsers write them in the Origin header. */
export function origins(): Value<ReadonlySet<string>> {
  return {
    expected: 'origins such as https://host[:port], with commas between',
    parse: (text) => (list(text).every(isOrigin) ? new Set(list(text)) : undefined),
  };
}

export function httpUrl(): Value<string> {
  return {
    expected: 'an http or https URL',
    parse: (text) => (/^https?:/i.test(text) && URL.canParse(text) ? text : undefined),
  };
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function isNetwork(text: string): boolean {
  const [ip = '', bits, ...rest] = text.split('/');
  // A zone belongs to one machine's interface and is no part of an address.
  const most = ip.includes('%') ? -1 : { 0: -1, 4: 32, 6: 128 }[isIP(ip)]!;
  return most > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
