import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { CameraSource, StreamDecoderFactory, type StreamDecoder } from '../../index.js';
import { requires } from '../support/requires.js';
import { FaultSuite } from './fault-suite.js';
import { NumberedSource } from './numbered-source.js';
import { CONNECT_TIMEOUT_MS, INGESTS, STALL_TIMEOUT_MS } from './watched-camera.js';

const ONE_PACKET = { kind: 'next', packets: 1 } as const;

describe('a packet is lost', { skip: requires('ffmpeg'), concurrency: 4 }, () => {
  let suite: FaultSuite;
  /** No keyframe in the time that a test takes. */
  let longGop: NumberedSource;

  before(async () => {
    suite = await FaultSuite.start();
    longGop = await NumberedSource.load({ frames: 500, gop: 500 });
  });

  after(() => suite.end());

  for (const ingest of INGESTS) {
    for (const transport of ['tcp', 'udp'] as const) {
      test(`strict, ${ingest}, ${transport}: no picture until the next keyframe, and then whole ones`, async () => {
        const mount = suite.mount();
        await suite.watch(mount, { ingest, transport, closely: true }, async (camera) => {
          await camera.morePictures(10);
          mount.change({ loss: ONE_PACKET });
          const causes = (): string[] =>
            camera.states.flatMap((state) => (state.name === 'awaitingKeyframe' ? (state.cause?.code ?? []) : []));
          await camera.until(() => causes().length > 0, 'the loss to be noticed');
          assert.deepEqual(causes(), ['ERR_PACKETS_LOST']);
          await camera.untilState('live');
          await camera.morePictures();
          assert.equal(camera.decoder.getStatus().session!.counters.losses, 1);
          assert.equal(camera.sessions, 1);
        });
      });

      test(`tolerant, ${ingest}, ${transport}: the pictures go on without a keyframe`, async () => {
        const mount = suite.mount({}, longGop.clip);
        const decoder = StreamDecoderFactory.getInstance(0).createDecoder(
          new CameraSource(mount.url, { ingest, transport }),
          { lossPolicy: 'tolerant', stallTimeoutMs: STALL_TIMEOUT_MS, connectTimeoutMs: CONNECT_TIMEOUT_MS },
        );
        const states: string[] = [];
        const live = new Promise<void>((resolve) => {
          decoder.onStateChange(({ name }) => {
            states.push(name);
            if (name === 'live') resolve();
          });
        });
        decoder.start();
        await live;
        let sequence = await nextPicture(decoder, -1);
        mount.change({ loss: ONE_PACKET });
        while (decoder.getStatus().session!.counters.losses === 0) sequence = await nextPicture(decoder, sequence);
        for (let count = 0; count < 10; count++) sequence = await nextPicture(decoder, sequence);
        const { counters } = decoder.getStatus().session!;
        assert.deepEqual([counters.keyframes, counters.losses, mount.counters.lostPackets], [1, 1, 1]);
        assert.deepEqual(states, ['connecting', 'awaitingKeyframe', 'live']);
        await decoder.stop();
      });
    }
  }
});

async function nextPicture(decoder: StreamDecoder, afterSequence: number): Promise<number> {
  const frame = await decoder.getLatestFrame({ afterSequence, timeoutMs: 10_000 });
  frame.release();
  return frame.sequence;
}
