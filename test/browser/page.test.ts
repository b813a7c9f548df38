import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Clip } from '../../simulator/clip/clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { makeClip } from '../support/clips.js';
import { FramewellServer } from '../support/framewell-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { psnr } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';

// Two pictures of one moment differ by the screenshot's coding alone, those of two moments by moving shapes.
const SAME_PICTURE_DB = 45;

const CAMERAS = 50;

/** Small pictures, ten a second: what is tested is the page, on whatever machine runs the tests. */
function movingClip(): Promise<string> {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10', '-t', '4'];
  return makeClip('page', [...picture, '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '10'], 'h264');
}

describe('the page of a server with fifty cameras', { skip: requires('chromium') || requires('ffmpeg') }, () => {
  let browser: Browser;
  let simulator: SimulatorServer;
  let mounts: Mount[];
  let server: FramewellServer;
  let watched: WatchedPage;

  before(async () => {
    const clip: Clip = await loadClip(await movingClip(), { fps: 10 });
    simulator = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    mounts = Array.from({ length: CAMERAS }, (_, at) => simulator.addMount(`/cam${at + 1}`, clip));
    const cameras = mounts.map(({ url }, at) => ({ id: `cam-${at + 1}`, url }));
    browser = await launchBrowser();
    server = await FramewellServer.start({ cameras });
  });
  after(async () => {
    await simulator.close();
    await browser.close();
    await server.stop();
  });
  afterEach(() => watched.close());

  async function open(hash = ''): Promise<WatchedPage> {
    watched = await WatchedPage.open(browser, `${server.origin}/${hash}`);
    return watched;
  }

  async function viewers(): Promise<number> {
    const { cameras } = (await server.get('/cameras')).json() as { cameras: { viewers: number }[] };
    return cameras.reduce((sum, camera) => sum + camera.viewers, 0);
  }

  async function untilViewers(is: (count: number) => boolean): Promise<void> {
    let count = -1;
    await until(async () => is((count = await viewers())) || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected another number of viewers than ${count}`,
    });
  }

  /** Ids of the tiles of which something is inside the window. */
  async function visibleIds(): Promise<string[]> {
    const height = watched.page.viewportSize()!.height;
    const tiles = await watched.page.locator('[data-camera]').all();
    const seen = await Promise.all(
      tiles.map(async (tile) => {
        const box = (await tile.boundingBox())!;
        return box.y + box.height > 0 && box.y < height ? await tile.getAttribute('data-camera') : null;
      }),
    );
    return seen.filter((id) => id !== null);
  }

  async function untilOnlyVisibleStream(): Promise<void> {
    const visible = await visibleIds();
    assert.ok(visible.length > 0 && visible.length < CAMERAS, `${visible.length} tiles are visible`);
    await until(async () => String(watched.streams.toSorted()) === String(visible.toSorted()) || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected streams of ${String(visible)} only but saw ${String(watched.streams)}`,
    });
  }

  it('shows moving pictures with their facts, and complains of nothing', async () => {
    await open();
    const tile = watched.tile('cam-1');
    await tile.locator('[data-look="live"]').waitFor();
    await tile.getByText(/^\d+(\.\d)? fps · CPU · H\.264 · 180p$/).waitFor();
    const first = await watched.pictureOf('cam-1');
    await until(
      async () => {
        const next = await watched.pictureOf('cam-1');
        return psnr(first.rgb, next.rgb) < SAME_PICTURE_DB || undefined;
      },
      { timeoutMs: 5000, describe: () => 'Expected the picture to change' },
    );
    await watched.page.getByRole('button', { name: `${CAMERAS} live` }).waitFor();
    assert.deepEqual(watched.faults, []);
  });

  it('streams the visible tiles only, also after scrolling', async () => {
    await open();
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    await untilOnlyVisibleStream();
    await watched.tile(`cam-${CAMERAS}`).scrollIntoViewIfNeeded();
    await watched.tile(`cam-${CAMERAS}`).locator('[data-look="live"]').waitFor();
    await untilOnlyVisibleStream();
    assert.ok(!watched.streams.includes('cam-1'));
  });

  it('shows why a camera is down and that it is up again', async () => {
    await open();
    const tile = watched.tile('cam-2');
    await tile.locator('[data-look="live"]').waitFor();
    const [link] = watched.links;

    // A fault that passes, so that the next try comes soon.
    mounts[1]!.change({ answer: { kind: 'status', status: 500 } });
    mounts[1]!.killSessions();
    await tile.getByText('ERR_RTSP_STATUS').waitFor();
    await tile.getByText(/^(Next try in \d+ s|Trying again now)$/).waitFor();
    await tile
      .locator('[data-look="old"]')
      .getByText(/^Picture from /)
      .waitFor();
    await watched.page.getByRole('button', { name: '1 down' }).waitFor();
    await watched.keepScreenshot('fifty-one-down');

    mounts[1]!.change({ answer: { kind: 'serve' } });
    await tile.locator('[data-look="live"]').waitFor();
    await tile.getByText('Live', { exact: true }).waitFor();
    assert.deepEqual(watched.links, [link]);
    assert.deepEqual(watched.faults, []);
  });

  it('opens the large view by keyboard, steps to the next camera and goes back', async () => {
    await open();
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    await watched.tile('cam-1').locator('a').focus();
    await watched.page.keyboard.press('Enter');
    const view = watched.page.getByRole('dialog', { name: 'cam-1' });
    await view.locator('[data-look="live"]').waitFor();
    assert.equal(new URL(watched.page.url()).hash, '#cam-1');
    await until(async () => String(watched.streams) === 'cam-1' || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected one stream but saw ${String(watched.streams)}`,
    });
    await view.getByText('rtsp://127.0.0.1').waitFor();
    assert.equal(
      await view.getByRole('link', { name: 'Snapshot' }).getAttribute('href'),
      `${server.origin}/cameras/cam-1/snapshot.jpg`,
    );

    await watched.page.keyboard.press('ArrowRight');
    await watched.page.getByRole('dialog', { name: 'cam-2' }).locator('[data-look="live"]').waitFor();
    assert.equal(new URL(watched.page.url()).hash, '#cam-2');

    await watched.page.keyboard.press('Escape');
    await watched.page.getByRole('dialog').waitFor({ state: 'hidden' });
    // The address follows the browser's history, which the page does not wait for.
    await watched.page.waitForURL((url) => url.hash === '');
    assert.equal(await watched.page.locator('a.tile:focus .name').textContent(), 'cam-2');
    await untilOnlyVisibleStream();
    assert.deepEqual(watched.faults, []);
  });

  it('opens the large view of a linked camera', async () => {
    await open('#cam-7');
    await watched.page.getByRole('dialog', { name: 'cam-7' }).locator('[data-look="live"]').waitFor();
    await watched.page.keyboard.press('Escape');
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    assert.equal(watched.page.url(), `${server.origin}/`);
  });

  it('shows all tiles of a large window over one socket', async () => {
    watched = await WatchedPage.open(browser, server.origin, { viewport: { width: 1600, height: 1000 } });
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    await untilOnlyVisibleStream();
    assert.ok(watched.streams.length >= 16, `${watched.streams.length} cameras`);
    for (const id of watched.streams) await watched.tile(id).locator('[data-look="live"]').waitFor();
    assert.equal(watched.links.length, 1);
    assert.deepEqual(watched.faults, []);
  });

  it('shares its socket with a <framewell-camera> of the same server', async () => {
    await open('#cam-1');
    await watched.page.getByRole('dialog').locator('[data-look="live"]').waitFor();
    await watched.page.evaluate(`
      import('/viewer/framewell-camera.js').then(() => {
        const element = document.createElement('framewell-camera');
        element.setAttribute('camera', 'cam-9');
        document.querySelector('dialog').prepend(element);
      });
    `);
    await watched.page.locator('framewell-camera [data-state="live"][data-picture="new"]').waitFor();
    assert.deepEqual(watched.streams.toSorted(), ['cam-1', 'cam-9']);
    assert.equal(watched.links.length, 1);
    assert.deepEqual(watched.faults, []);
  });

  it('receives no picture while it is hidden, and goes on over the same socket', async () => {
    await open();
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    const [link] = watched.links;
    await watched.setHidden(true);
    await untilViewers((count) => count === 0);
    // One that was on its way when the server stopped is here by now: news come after it on the same socket.
    mounts[0]!.killSessions();
    await link!.untilNews('camera');
    const before = link!.pictures;
    await link!.untilNews('camera');
    assert.equal(link!.pictures, before);
    await watched.setHidden(false);
    await until(async () => link!.pictures > before || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected pictures again',
    });
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
    assert.deepEqual(watched.links, [link]);
  });

  it('asks for no pictures while its tab is hidden', async () => {
    // Playwright keeps its own pages visible; a tab that it does not know is hidden by the next one as any other.
    await open();
    await watched.page.goto('about:blank');
    await untilViewers((count) => count === 0);
    const devtools = await browser.newBrowserCDPSession();
    const { targetId } = await devtools.send('Target.createTarget', { url: server.origin });
    await untilViewers((count) => count > 0);
    const cover = await devtools.send('Target.createTarget', { url: 'about:blank' });
    await untilViewers((count) => count === 0);
    await devtools.send('Target.activateTarget', { targetId });
    await untilViewers((count) => count > 0);
    for (const id of [targetId, cover.targetId]) await devtools.send('Target.closeTarget', { targetId: id });
    await devtools.detach();
  });
});
