import { after, before, describe, test } from 'node:test';

import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { requires } from '../support/requires.js';
import { Viewer } from '../support/viewer.js';
import { startExitCameras, type ExitCameras } from './exit-cameras.js';
import { manyRuns, RUNS } from './many-runs.js';

describe('the server with cameras in every state and viewers leaves', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let cameras: ExitCameras;

  before(async () => {
    cameras = await startExitCameras(cleanup);
  });

  after(() => cleanup.run());

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal}, ${RUNS} times`, async () => {
      await manyRuns(async () => {
        const server = await FramewellServer.start({
          cameras: [
            ...Object.entries(cameras).map(([id, url]) => ({ id, url: url as string })),
            { id: 'always', url: cameras.live, decode: 'always' },
          ],
        });
        try {
          await Promise.all([...Object.keys(cameras), 'always'].map((id) => reached(server, id)));
          const viewers = await Promise.all(
            Array.from({ length: 3 }, () => Viewer.open(server.origin, 'live', '?quality=90')),
          );
          await Promise.all(viewers.map((viewer) => viewer.received(1)));
          // Never answered, as the server leaves meanwhile.
          for (let request = 0; request < 10; request++) void server.snapshot('live').catch(() => undefined);
        } finally {
          // Fails unless the server exits with 0 within 3 s.
          await server.stop(signal);
        }
      });
    });
  }
});

async function reached(server: FramewellServer, id: string): Promise<void> {
  await server.untilState(id, id === 'always' ? 'live' : id, 20_000);
}
