import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from 'pino';

/** Editors write a file in several steps. */
const SETTLE_MS = 250;

/**
 * Calls `onChange` when the file was written, replaced, made or removed, and on SIGHUP. Does not keep the process
 * running. Returns what ends it.
 */
export function watchSettings(path: string, onChange: () => void, log: Logger): () => void {
  let settling: NodeJS.Timeout | undefined;
  const onEvent = (_event: string, name: string | null): void => {
    if (name !== null && name !== basename(path)) return;
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLE_MS).unref();
  };
  const stopWatching = watchFolder(dirname(path), onEvent, log);
  // A terminal that closes sends SIGHUP too, and then means to end what it started.
  if (!process.stdin.isTTY) process.on('SIGHUP', onChange);
  return () => {
    clearTimeout(settling);
    stopWatching();
    process.off('SIGHUP', onChange);
  };
}

/** The folder, since most editors put a new file in the place of the old one. */
function watchFolder(folder: string, onEvent: (event: string, name: string | null) => void, log: Logger): () => void {
  const onFault = (error: unknown): void => {
    log.warn({ err: error }, 'Settings are not watched; SIGHUP reads them again');
  };
  try {
    const watcher = watch(folder, { persistent: false }, onEvent).on('error', onFault);
    return () => watcher.close();
  } catch (error) {
    // The system's inotify watches are used up, say.
    onFault(error);
    return () => undefined;
  }
}
