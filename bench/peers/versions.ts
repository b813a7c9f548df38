import { spawnSync } from 'node:child_process';

/** What the pattern's first group finds in the output of a command; undefined where there is no such command. */
export function versionOf(command: string, args: readonly string[], pattern: RegExp): string | undefined {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return error ? undefined : pattern.exec(stdout + stderr)?.[1];
}
