import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, meanColour, type Picture } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

/** Two columns of tiles that are as large as the clip. */
const SHEET = 'columns=2&width=1284';
const TILE = { width: 640, height: 360, gap: 4 };
const WHOLE = { left: 0, top: 0, width: 1, height: 1 };

describe('the contact sheet of real cameras', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let failing: SimulatorServer;

  before(async () => {
    const clip = await loadClip((await numberedClip()).path);
    const listen = () => SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    const steady = cleanup.add(await listen(), (it) => it.close());
    failing = cleanup.add(await listen(), (it) => it.close());
    const silent = steady.addMount('/silent', clip, { answer: { kind: 'silence' } });
    server = await FramewellServer.start({
      cameras: [
        { id: 'live', url: steady.addMount('/live', clip).url },
        { id: 'gone', url: failing.addMount('/gone', clip).url },
        { id: 'never', url: `rtsp://127.0.0.1:${await unusedPort()}/x` },
        { id: 'silent', url: silent.url },
      ],
    });
    cleanup.add(server, (it) => it.stop());
    await server.untilState('live', 'live');
    await server.untilState('gone', 'live');
  });

  after(() => cleanup.run());

  async function tiles(query: string, count: number): Promise<Picture[]> {
    const { status, body, headers } = await server.get(`/mosaic.jpg?${query}`);
    assert.equal(status, 200, body.toString());
    assert.equal(headers.get('content-type'), 'image/jpeg');
    return Promise.all(Array.from({ length: count }, (_, index) => cutTile(body, index)));
  }

  test('tiles have the pictures of now, in their order', async () => {
    const snapshots = await Promise.all(['gone', 'live'].map((id) => server.snapshot(id)));
    const numbers = await Promise.all(snapshots.map(async ({ body }) => readFrameNumber(await decodeJpeg(body))));
    const shown = (await tiles(`cameras=gone,live&${SHEET}`, 2)).map(readFrameNumber);
    for (const [index, number] of numbers.entries()) {
      const framesLater = (shown[index]! - number! + 250) % 250;
      assert.ok(framesLater < 100, `Expected a frame soon after ${number} in tile ${index} but it is ${shown[index]}`);
    }
  });

  test('a camera that went down shows its last picture dimmed, one that never was up none; neither as if live', async () => {
    await failing.powerOff();
    await server.untilCamera('gone', ({ state }) => state.cause !== undefined);
    const [live, gone, never] = await tiles(`cameras=live,gone,never,silent&${SHEET}`, 3);
    assert.notEqual(readFrameNumber(live!), undefined);
    assert.equal(readFrameNumber(gone!), undefined);
    const [bright, dimmed, dark] = [live, gone, never].map((tile) => contrastOf(tile!)) as [number, number, number];
    assert.ok(dimmed < 0.4 * bright && dimmed > 2 * dark, `contrasts ${bright}, ${dimmed}, ${dark}`);
  });

  test('a camera that does not answer delays the sheet by no more than its wait', async () => {
    const startedAtMs = performance.now();
    await tiles('cameras=silent,silent,silent&width=640', 1);
    const tookMs = performance.now() - startedAtMs;
    assert.ok(tookMs < 3000, `Expected about 1 s but it took ${tookMs} ms`);
  });

  test('all cameras by default; an unknown one is an error', async () => {
    const { width, height } = await decodeJpeg((await server.get('/mosaic.jpg')).body);
    assert.deepEqual([width, height], [1280, 2 * 359 + 4]);
    const answer = await server.get('/mosaic.jpg?cameras=live,nobody');
    assert.deepEqual([answer.status, (answer.json() as { code: string }).code], [404, 'ERR_CAMERA_NOT_FOUND']);
  });
});

async function cutTile(sheet: Buffer, index: number): Promise<Picture> {
  const { width, height, gap } = TILE;
  const left = (index % 2) * (width + gap);
  const top = Math.floor(index / 2) * (height + gap);
  const rgb = await sharp(sheet).extract({ left, top, width, height }).removeAlpha().raw().toBuffer();
  return { width, height, rgb };
}

/** Mean distance of the green samples above the label from their mean. */
function contrastOf({ width, height, rgb }: Picture): number {
  const [, mean] = meanColour({ width, height, rgb }, WHOLE);
  let sum = 0;
  for (let at = 1; at < rgb.length; at += 3) sum += Math.abs(rgb[at]! - mean);
  return (sum * 3) / rgb.length;
}
