import { readFileSync } from 'node:fs';
import { readCameras, type CameraConfig } from './cameras/camera-config.js';
import { readKey, type Environment, type KeyValues } from './config-key.js';
import { SERVER_KEYS } from './config-keys.js';
import { parseEnvFile } from './env-file.js';

/** Where settings are read from besides the environment, in the folder that the program is started in. */
export const ENV_FILE = '.env';

/** Everything that can be set, checked and frozen. */
export interface Config extends KeyValues<typeof SERVER_KEYS> {
  /** In the order of their numbers. */
  readonly cameras: readonly CameraConfig[];
}

/** Every wrong setting at once. */
export class ConfigError extends Error {
  /** One sentence each, without secrets. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The process's environment over the .env file, where there is one. An empty value counts as not set, in both. */
export function readEnvironment(environment: Environment, envFilePath: string): Environment {
  return { ...withoutEmpty(parseEnvFile(readIfPresent(envFilePath))), ...withoutEmpty(environment) };
}

/** @throws ConfigError naming every wrong key, what was expected and what came; secrets are left out. */
export function loadConfig(environment: Environment): Config {
  const given = withoutEmpty(environment);
  const problems: string[] = [];
  const values = Object.entries(SERVER_KEYS).map(([property, key]) => [
    property,
    readKey<unknown>(key, given, problems),
  ]);
  const cameras = readCameras(given, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const server = Object.fromEntries(values) as KeyValues<typeof SERVER_KEYS>;
  return Object.freeze({ ...server, cameras: Object.freeze(cameras) });
}

function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
