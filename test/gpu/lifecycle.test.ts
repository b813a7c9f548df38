import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StreamDecoderFactory } from '../../index.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { bytesOnCard, drivenBy, isStandIn, missingCard } from '../support/card.js';
import { Cleanup } from '../support/cleanup.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { STILL_CLIPS, stillClip } from './still-clips.js';

const CYCLES = missingCard() || isStandIn() ? 3 : 100;
const CAMERAS = 16;
/** What the driver may keep for itself; a camera takes more. */
const SLACK_BYTES = 4 * 1024 * 1024;

describe(`cameras that come and go (${drivenBy()})`, { skip: requires('gpu') }, () => {
  const cleanup = new Cleanup();
  let url: string;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    url = simulator.addMount('/camera', await loadClip(await stillClip(STILL_CLIPS[0]!))).url;
  });

  after(() => cleanup.run());

  test(`${CYCLES} times ${CAMERAS} cameras leave nothing on the card`, async (t) => {
    const factory = cleanup.add(StreamDecoderFactory.getInstance(0, { engine: 'cuda' }), (it) => it.close());
    await openAndClose(factory);
    const base = await bytesOnCard(factory);
    for (let cycle = 0; cycle < CYCLES; cycle++) await openAndClose(factory);
    const left = (await bytesOnCard(factory)) - base;
    t.diagnostic(`${base} bytes on the card after the first cycle, ${left} more after the last`);
    assert.ok(left <= SLACK_BYTES, `Expected the memory of before but ${left} bytes more are taken`);
  });

  async function openAndClose(factory: StreamDecoderFactory): Promise<void> {
    const decoders = Array.from({ length: CAMERAS }, () => factory.createDecoder(url, { decode: 'always' }));
    await Promise.all(
      decoders.map(async (decoder) => {
        const live = new Promise<void>((resolve) => {
          decoder.onStateChange(({ name }) => name === 'live' && resolve());
        });
        decoder.start();
        await live;
        const frame = await decoder.getLatestFrame({ timeoutMs: 20_000 });
        assert.equal(decoder.getStatus().engine.name, 'cuda', decoder.getStatus().engine.reason);
        await factory.encodeJpeg(frame, {});
        frame.release();
      }),
    );
    await Promise.all(decoders.map((decoder) => decoder.stop()));
    // The pool lets go of a decoder after its session has ended.
    await until(async () => (await factory.gpuStatus())[0]!.decoders === 0 || undefined, {
      timeoutMs: 10_000,
      describe: () => 'Expected no decoder on the card',
    });
  }
});
