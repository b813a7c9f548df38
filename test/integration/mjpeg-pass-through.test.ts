import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, type Picture } from '../support/picture.js';
import { requires } from '../support/requires.js';

const SOI = Buffer.from([0xff, 0xd8]);
const FRAMES = 50;

describe('a camera that sends JPEG', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const sources: Picture[] = [];
  let server: FramewellServer;

  before(async () => {
    const clip = await numberedClip({ codec: 'mjpeg', frames: FRAMES });
    for (const jpeg of splitJpegs(await readFile(clip.path))) sources.push(await decodeJpeg(jpeg));
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const { url } = simulator.addMount('/mjpeg', await loadClip(clip.path, { fps: clip.fps }));
    server = await FramewellServer.start({
      cameras: [
        { id: 'auto', url },
        { id: 'libav', url, ingest: 'libav' },
      ],
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  for (const id of ['auto', 'libav']) {
    test(`${id}: its own picture goes out, not one encoded again`, async () => {
      await server.untilState(id, 'live');
      const picture = await decodeJpeg((await server.snapshot(id)).body);
      assert.deepEqual(picture.rgb, sources[readFrameNumber(picture)!]!.rgb);
    });

    for (const query of ['?quality=80', '?width=320', '?height=180']) {
      test(`${id}: a picture with ${query} is made from it`, async () => {
        await server.untilState(id, 'live');
        const own = (await server.snapshot(id)).body;
        const made = (await server.snapshot(id, query)).body;
        assert.ok(made.length < own.length * 0.8, `Expected less than ${own.length} bytes but received ${made.length}`);
      });
    }

    test(`${id}: a bound that changes nothing leaves it as it came`, async () => {
      const picture = await decodeJpeg((await server.snapshot(id, '?width=640')).body);
      assert.deepEqual(picture.rgb, sources[readFrameNumber(picture)!]!.rgb);
    });
  }
});

/** The files of a concatenation: ffmpeg puts no other SOI marker into a JPEG, and bytes of a scan are escaped. */
function* splitJpegs(file: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < file.length) {
    const next = file.indexOf(SOI, start + SOI.length);
    const end = next < 0 ? file.length : next;
    yield file.subarray(start, end);
    start = end;
  }
}
