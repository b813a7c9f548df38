import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';
import { CardServer, engineOf, type GpuReport } from './card-server.js';

const IDS = ['a', 'b', 'c', 'd'];

/** Of three cards the first is left to others. */
describe('GPU_IDS=1,2', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let card: CardServer;
  let url: string;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    url = simulator.addMount('/camera', await loadClip((await numberedClip()).path)).url;
    card = await CardServer.start(cleanup, { environment: { FRAMEWELL_STAND_IN_GPUS: '3', GPU_IDS: '1,2' } });
    for (const id of IDS) await card.addCamera({ id, url, decode: 'always' });
  });

  after(() => cleanup.run());

  async function cardOf(id: string): Promise<number | undefined> {
    const camera = await card.server.untilCamera(id, (it) => engineOf(it).gpu !== undefined);
    assert.equal((await card.server.snapshot(id)).status, 200);
    return engineOf(camera).gpu;
  }

  test('each camera says which card decodes it, and each card has its share', async () => {
    const cards = await Promise.all(IDS.map(cardOf));
    assert.deepEqual(cards.toSorted(), [1, 1, 2, 2]);
    const gpus = await card.gpus();
    assert.deepEqual(
      gpus.map(({ id, decoders }) => [id, decoders]),
      [
        [1, 2],
        [2, 2],
      ],
    );
    // Memory is each card's own.
    for (const gpu of gpus) assert.equal(gpu.memoryOfProcessBytes, gpu.memoryTotalBytes! - gpu.memoryFreeBytes!);
    const { engine } = (await card.server.get('/gpu')).json() as GpuReport;
    assert.match(engine.reason, /GPU 1, 2$/);
  });

  test('the next camera goes to the least loaded', async () => {
    const gone = await cardOf('a');
    await card.removeCamera('a');
    await card.addCamera({ id: 'e', url, decode: 'always' });
    assert.equal(await cardOf('e'), gone);
  });

  test('/metrics has both', async () => {
    const { body } = await card.server.get('/metrics');
    for (const id of [1, 2]) {
      assert.match(body.toString(), new RegExp(`^framewell_gpu_decoders\\{gpu="${id}"\\} 2$`, 'm'));
      assert.match(body.toString(), new RegExp(`^framewell_gpu_temperature_celsius\\{gpu="${id}"\\} 45$`, 'm'));
    }
  });
});
