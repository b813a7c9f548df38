import { constants } from 'node:os';
import type { Logger } from 'pino';

/** Whoever started the process may kill it after 3 s. */
const CLOSE_TIMEOUT_MS = 2500;

/**
 * From now on SIGTERM and SIGINT close and exit with 0, an error that nobody caught closes and exits with 1. A second
 * signal, or a close that takes too long, exits at once.
 */
export function leaveInOrder(close: () => Promise<void>, log: Logger): void {
  let isLeaving = false;

  const leave = (exitCode: number) => {
    if (isLeaving) return;
    isLeaving = true;
    setTimeout(() => {
      log.error({ closeTimeoutMs: CLOSE_TIMEOUT_MS }, 'Closing took too long');
      process.exit(1);
    }, CLOSE_TIMEOUT_MS).unref();
    close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log.error({ err: error }, 'Closing failed');
        process.exit(1);
      },
    );
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // As the shell tells of a process that a signal ended.
      if (isLeaving) process.exit(128 + constants.signals[signal]);
      log.info({ signal }, 'Leaving');
      leave(0);
    });
  }
  // Rejections that nobody handled come here too.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'Uncaught error');
    leave(1);
  });
}
