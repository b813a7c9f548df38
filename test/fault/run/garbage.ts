import type { FramewellServer } from '../../support/framewell-server.js';
import { until } from '../../support/until.js';

/** The environment of a server that `collectGarbage` can ask. */
export const PRELOAD_COLLECTOR = {
  NODE_OPTIONS: `--import=${new URL('./garbage-collector.js', import.meta.url).href}`,
};

/** What waits for the collector is not held: tens of megabytes lie about, depending on when the last collection was. */
export async function collectGarbage(server: FramewellServer): Promise<void> {
  const collections = (): number => server.logs.split('Garbage collected').length;
  const before = collections();
  process.kill(server.pid, 'SIGWINCH');
  await until(async () => collections() > before || undefined, {
    timeoutMs: 5000,
    describe: () => 'Expected the server to collect garbage',
  });
}
