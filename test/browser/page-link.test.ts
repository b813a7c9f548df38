import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { FakeApiServer, fakeCamera } from '../support/fake-api-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { WEB_ROOT } from '../support/web-modules.js';

const ALL_LIVE = '#cameras:has(.picture):not(:has(.picture:not([data-look="live"])))';
const LARGE = { viewport: { width: 1600, height: 1000 } };

/** The width, in the server's pixels, that fills a place of `width` on the screen. */
function stepOver(width: number): number {
  return Math.ceil(width / 64) * 64;
}

describe("the page's one socket, to a fake server", { skip: requires('chromium') }, () => {
  let browser: Browser;
  let fake: FakeApiServer;
  let watched: WatchedPage;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    fake = await FakeApiServer.listen(WEB_ROOT);
  });
  afterEach(async () => {
    await watched.close();
    await fake.close();
  });

  async function open(cameras: number, options: BrowserContextOptions = {}): Promise<void> {
    fake.cameras = Array.from({ length: cameras }, (_, at) => fakeCamera(`cam-${at + 1}`));
    watched = await WatchedPage.open(browser, fake.origin, options);
    await watched.tile('cam-1').locator('[data-look="live"]').waitFor();
  }

  function said(type: string): number {
    return fake.viewers.messages.filter((message) => message.type === type).length;
  }

  async function untilSaid(type: string, count: number): Promise<void> {
    await until(async () => said(type) === count || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected ${count} × ${type} but heard ${said(type)}`,
    });
  }

  it('carries sixteen live tiles, each at the size of its pixels', async () => {
    await open(16, LARGE);
    await watched.page.locator(ALL_LIVE).waitFor();
    assert.equal(watched.links.length, 1);
    assert.equal(watched.streams.length, 16);
    const { width } = (await watched.tile('cam-1').locator('.picture').boundingBox())!;
    const asked = new Set(fake.viewers.messages.map((message) => message.width));
    assert.deepEqual([...asked], [stepOver(width)]);
    assert.deepEqual(watched.faults, []);
  });

  it('asks for more of a screen with smaller pixels, and for all there is rather than more', async () => {
    await open(4, { ...LARGE, deviceScaleFactor: 2 });
    const { width } = (await watched.tile('cam-1').locator('.picture').boundingBox())!;
    assert.ok(2 * width < 1920, `A tile of ${width} pixels`);
    assert.equal(fake.viewers.messages[0]!.width, stepOver(2 * width));
    await watched.tile('cam-1').click();
    await watched.page.getByRole('dialog').locator('[data-look="live"]').waitFor();
    const asked = fake.viewers.messages.findLast(({ type }) => type === 'subscribe')!;
    assert.deepEqual(asked, { type: 'subscribe', camera: 'cam-1' });
  });

  it('shows all of them again after the socket was lost, over one new one', async () => {
    await open(16, LARGE);
    await watched.page.locator(ALL_LIVE).waitFor();
    fake.viewers.isSilent = true;
    fake.viewers.drop();
    await untilSaid('subscribe', 32);
    await watched.page.locator('[data-look="old"]').first().waitFor();
    fake.viewers.isSilent = false;
    await watched.page.locator(ALL_LIVE).waitFor();
    assert.equal(watched.links.length, 1);
  });

  it('asks once for another size when the window has become another', async () => {
    await open(4, LARGE);
    await watched.page.locator(ALL_LIVE).waitFor();
    for (const width of [1400, 1200, 1000, 800, 600]) await watched.page.setViewportSize({ width, height: 500 });
    await watched.page.locator(ALL_LIVE).waitFor();
    const visible = watched.streams.length;
    await untilSaid('limit', visible);
    const { width } = (await watched.tile('cam-1').locator('.picture').boundingBox())!;
    assert.equal(fake.viewers.messages.findLast(({ type }) => type === 'limit')!.width, stepOver(width));
  });

  it('asks for nothing of tiles that are only scrolled past, in a list of a thousand', async () => {
    await open(1000);
    const first = watched.streams.length;
    assert.ok(first > 0 && first < 50, `${first} tiles are subscribed to`);
    const subscribed = said('subscribe');
    await watched.tile('cam-1000').scrollIntoViewIfNeeded();
    await watched.tile('cam-1000').locator('[data-look="live"]').waitFor();
    await untilSaid('subscribe', subscribed + watched.streams.length);
    assert.ok(!watched.streams.includes('cam-1'));
    assert.equal(watched.links.length, 1);
    assert.deepEqual(watched.faults, []);
  });

  it('carries the large view as well, at its size and alone', async () => {
    await open(4);
    await watched.tile('cam-2').click();
    const view = watched.page.getByRole('dialog', { name: 'cam-2' });
    await view.locator('[data-look="live"]').waitFor();
    await until(async () => String(watched.streams) === 'cam-2' || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected one stream but saw ${String(watched.streams)}`,
    });
    const { width } = (await view.locator('.picture').boundingBox())!;
    const asked = fake.viewers.messages.findLast(({ type }) => type === 'subscribe')!;
    assert.deepEqual(asked, { type: 'subscribe', camera: 'cam-2', width: stepOver(width) });
    await watched.page.keyboard.press('Escape');
    await watched.page.locator(ALL_LIVE).waitFor();
    assert.equal(watched.links.length, 1);
  });

  it('gets no picture while its tab is hidden', async () => {
    await open(4);
    await watched.setHidden(true);
    await untilSaid('pause', 4);
    const [link] = watched.links;
    // News still come, after the pictures that were on their way; and tell that time has passed at the server.
    fake.cameras[0]!.name = 'Renamed';
    await link!.untilNews('camera');
    const before = link!.pictures;
    fake.cameras[0]!.name = 'Renamed again';
    await link!.untilNews('camera');
    assert.equal(link!.pictures, before);
    await watched.setHidden(false);
    await untilSaid('resume', 4);
    await until(async () => link!.pictures > before || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected pictures again',
    });
    assert.equal(watched.links.length, 1);
  });

  it('says so in a tile while its pictures are reduced for a slow link', async () => {
    await open(1);
    const note = watched.tile('cam-1').getByText('Slow link');
    await note.waitFor({ state: 'hidden' });
    fake.viewers.rung = 4;
    await note.waitFor();
    await watched.keepScreenshot('slow-link');
    fake.viewers.rung = 0;
    await note.waitFor({ state: 'hidden' });
  });

  it('counts the age that a picture has on its way here', async () => {
    await open(1);
    fake.viewers.pictureAgeMs = 2400;
    await watched.tile('cam-1').locator('.age', { hasText: '2 s ago' }).waitFor();
    fake.viewers.pictureAgeMs = 4000;
    await watched.tile('cam-1').locator('[data-look="old"]').getByText('Picture from 4 s ago').waitFor();
  });

  it('learns of a camera that goes down from the socket, before it would have asked', async () => {
    await open(1);
    const asked = watched.page.waitForRequest((request) => request.url().endsWith('/cameras'));
    await asked;
    const cause = { code: 'ERR_STREAM_STALLED', message: 'No data from the camera for 10 s' };
    fake.cameras[0]!.state = { name: 'backingOff', since: new Date().toISOString(), cause };
    await watched.tile('cam-1').getByText('ERR_STREAM_STALLED').waitFor({ timeout: 1500 });
  });
});
