import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StreamDecoderFactory, type DecodedFrame, type EncodeOptions, type StreamDecoder } from '../../index.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { drivenBy } from '../support/card.js';
import { Cleanup } from '../support/cleanup.js';
import { decodeJpeg, psnr } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { STILL_CLIPS, STILL_FPS, stillClip, stillClipName } from './still-clips.js';

const LEAST_DB = 40;

const FRAMINGS: readonly { readonly name: string; readonly options: EncodeOptions }[] = [
  { name: 'as it is', options: {} },
  { name: 'half as wide', options: { width: 177 } },
  { name: 'a thumbnail', options: { width: 80, height: 80 } },
  { name: 'a crop', options: { crop: { x: 33, y: 17, width: 201, height: 131 } } },
  { name: 'a cover', options: { width: 100, height: 100, fit: 'cover' } },
  {
    name: 'a crop, then a cover',
    options: { crop: { x: 20, y: 40, width: 300, height: 180 }, width: 64, height: 96, fit: 'cover' },
  },
];

/** Two engines in one process, and the same picture from both. */
describe(`the card's pictures beside the CPU's (${drivenBy()})`, { skip: requires('gpu') }, () => {
  const cleanup = new Cleanup();
  let simulator: SimulatorServer;
  let card: StreamDecoderFactory;
  let cpu: StreamDecoderFactory;

  before(async () => {
    simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    card = cleanup.add(StreamDecoderFactory.getInstance(0, { engine: 'cuda' }), (it) => it.close());
    cpu = cleanup.add(StreamDecoderFactory.getInstance(1, { engine: 'cpu' }), (it) => it.close());
  });

  after(() => cleanup.run());

  for (const clip of STILL_CLIPS) {
    const name = stillClipName(clip);
    test(name, async (t) => {
      const { url } = simulator.addMount(`/${name}`, await loadClip(await stillClip(clip), { fps: STILL_FPS }));
      const onCard = await firstFrame(card, url);
      const onCpu = await firstFrame(cpu, url);
      try {
        for (const { name: framing, options } of FRAMINGS) {
          const decibels = await likeness(
            await card.encodeJpeg(onCard.frame, { quality: 95, ...options }),
            await cpu.encodeJpeg(onCpu.frame, { quality: 95, ...options }),
          );
          t.diagnostic(`${framing}: ${decibels.toFixed(1)} dB`);
          assert.ok(decibels >= LEAST_DB, `Expected ${LEAST_DB} dB for ${framing} but received ${decibels.toFixed(1)}`);
        }
        const [gpu] = await card.gpuStatus();
        assert.equal(gpu!.encodesOnCpu, 0, gpu!.encodeFailure);
        // An MJPEG camera's is known once its pixels were wanted, and not every card has a decoder for those.
        const { name: engine, reason } = onCard.decoder.getStatus().engine;
        if (clip.codec === 'mjpeg' && reason.includes('cannot decode')) t.skip(reason);
        else assert.equal(engine, 'cuda', reason);
      } finally {
        for (const { frame, decoder } of [onCard, onCpu]) {
          frame.release();
          await decoder.stop();
        }
      }
    });
  }
});

async function firstFrame(
  factory: StreamDecoderFactory,
  url: string,
): Promise<{ readonly decoder: StreamDecoder; readonly frame: DecodedFrame }> {
  const decoder = factory.createDecoder(url);
  const live = new Promise<void>((resolve) => {
    decoder.onStateChange(({ name }) => name === 'live' && resolve());
  });
  decoder.start();
  await live;
  return { decoder, frame: await decoder.getLatestFrame({ timeoutMs: 10_000 }) };
}

async function likeness(one: Buffer, other: Buffer): Promise<number> {
  const [first, second] = [await decodeJpeg(one), await decodeJpeg(other)];
  assert.deepEqual([first.width, first.height], [second.width, second.height]);
  return psnr(first.rgb, second.rgb);
}
