import type { Logger } from 'pino';
import type { CameraRoster } from './cameras/camera-roster.js';
import type { Environment } from './config-key.js';
import { SERVER_KEYS } from './config-keys.js';
import { ConfigError, loadConfig } from './config.js';
import { FramewellError } from './errors.js';

/**
 * Returns what reads the settings again and changes the cameras that are others now. Settings with a mistake change
 * nothing. Of the server's own settings it only says which need a restart.
 */
export function settingsReloader(read: () => Environment, roster: CameraRoster, log: Logger): () => Promise<void> {
  const atStart = read();
  return async () => {
    try {
      const now = read();
      const { cameras } = loadConfig(now);
      await roster.configure(cameras);
      log.info({ cameras: cameras.length }, 'Settings read again');
      const needRestart = Object.values(SERVER_KEYS)
        .map(({ name }) => name)
        .filter((name) => now[name] !== atStart[name]);
      if (needRestart.length > 0) log.warn({ keys: needRestart }, 'Settings changed that need a restart');
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [wordsOf(error)];
      log.error({ problems }, 'Settings not read again: they have mistakes');
    }
  };
}

/** An unreadable file, or an id that a camera of run time has. */
function wordsOf(error: unknown): string {
  return error instanceof FramewellError ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error));
}
