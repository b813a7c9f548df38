import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { FaultSuite } from './fault-suite.js';
import { ListeningProxy } from './listening-proxy.js';

describe('a session that we end', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let suite: FaultSuite;

  before(async () => {
    suite = cleanup.add(await FaultSuite.start(), (it) => it.end());
  });

  after(() => cleanup.run());

  for (const ingest of ['auto', 'libav'] as const) {
    for (const transport of ['tcp', 'udp'] as const) {
      test(`${ingest}, ${transport}: the camera is told, after a stall and at the stop`, async () => {
        const mount = suite.mount();
        const proxy = await ListeningProxy.start(mount.url, cleanup);
        const teardowns = (): number => proxy.count('TEARDOWN');
        await suite.watch(proxy, { ingest, transport }, async (camera) => {
          await camera.morePictures();
          mount.change({ stalled: true });
          assert.equal((await camera.untilDown()).code, 'ERR_STREAM_STALLED');
          mount.change({ stalled: false });
          await camera.untilState('live');
          assert.equal(teardowns(), 1);
        });
        await until(async () => teardowns() === 2 || undefined, {
          timeoutMs: 2_000,
          describe: () =>
            `Expected a TEARDOWN for each session but heard ${proxy.requests.map(({ method }) => method).join()}`,
        });
      });
    }
  }
});
