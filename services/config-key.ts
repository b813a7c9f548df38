/** One thing that can be set. config-keys.ts and config-camera-keys.ts have all of them. */
export interface ConfigKey<T> {
  /** The variable's name; `n` at the end of a camera's keys stands for its number. */
  readonly name: string;
  readonly description: string;
  /** What a right value is, in words that follow "Expected". */
  readonly expected: string;
  readonly unit?: string;
  /** As one would write it; absent where the description tells what holds instead. */
  readonly default?: string;
  /** For .env.example, where there is no default. */
  readonly example?: string;
  /** Whether even a wrong value must not be shown. */
  readonly secret?: boolean;
  /** The value that the text means, or undefined when it is wrong. */
  parse(text: string): T | undefined;
}

/** Settings as the process's environment has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type KeyValue<Key extends ConfigKey<unknown>> = NonNullable<ReturnType<Key['parse']>>;

/** What has no default may be undefined. */
export type KeyValues<Keys extends Record<string, ConfigKey<unknown>>> = {
  readonly [Name in keyof Keys]: Keys[Name] extends { readonly default: string }
    ? KeyValue<Keys[Name]>
    : KeyValue<Keys[Name]> | undefined;
};

/** The key's value or default; undefined when it has neither or is wrong, which is then added to `problems`. */
export function readKey<T>(key: ConfigKey<T>, environment: Environment, problems: string[]): T | undefined {
  const text = environment[key.name] ?? key.default;
  if (text === undefined) return undefined;
  const value = key.parse(text);
  if (value === undefined) problems.push(`Expected ${key.expected} for ${key.name} but received ${shown(key, text)}`);
  return value;
}

/** A wrong value, as far as it may be shown: a URL under the wrong key may hold a password. */
export function shown(key: ConfigKey<unknown>, text: string): string {
  if (key.secret) return 'text that is not shown';
  return /[@/]/.test(text) ? 'text with "@" or "/" (not shown)' : JSON.stringify(text);
}
