import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { FaultSuite } from './fault-suite.js';

/** Passes a connection on and hears what the client says in it. */
async function startListeningProxy(port: number, cleanup: Cleanup): Promise<{ port: number; said: () => string[] }> {
  let said = '';
  const server = createServer((client) => {
    const camera = connect(port, '127.0.0.1');
    client.on('data', (bytes) => {
      said += bytes.toString('latin1');
      camera.write(bytes);
    });
    camera.pipe(client);
    for (const [one, other] of [
      [client, camera],
      [camera, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  cleanup.add(server, async (it) => void it.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    said: () => [...said.matchAll(/^([A-Z_]+) rtsp:/gm)].map(([, method]) => method!),
  };
}

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
        const url = new URL(mount.url);
        const proxy = await startListeningProxy(Number(url.port), cleanup);
        url.port = String(proxy.port);
        const teardowns = (): number => proxy.said().filter((method) => method === 'TEARDOWN').length;
        await suite.watch({ url: url.href }, { ingest, transport }, async (camera) => {
          await camera.morePictures();
          mount.change({ stalled: true });
          assert.equal((await camera.untilDown()).code, 'ERR_STREAM_STALLED');
          mount.change({ stalled: false });
          await camera.untilState('live');
          assert.equal(teardowns(), 1);
        });
        await until(async () => teardowns() === 2 || undefined, {
          timeoutMs: 2_000,
          describe: () => `Expected a TEARDOWN for each session but heard ${proxy.said().join()}`,
        });
      });
    }
  }
});
