import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';
import { seriousFindings } from '../support/axe.js';
import { FakeApiServer, fakeCamera } from '../support/fake-api-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { decodeJpeg, meanColour } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { WEB_ROOT } from '../support/web-modules.js';

const WHOLE = { left: 0, top: 0, width: 1, height: 1 };
// Green in the fake pictures, and clear of all words.
const MEADOW = { left: 0.05, top: 0.8, width: 0.2, height: 0.15 };

const down = {
  name: 'backingOff',
  attempt: 3,
  cause: { code: 'ERR_STREAM_STALLED', message: 'No data from the camera for 10 s' },
};
const parked = {
  name: 'parked',
  cause: { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera does not accept the user or the password' },
};

function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

describe('the page in states said by a fake server', { skip: requires('chromium') }, () => {
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

  it('says how to name a camera when there is none', async () => {
    watched = await WatchedPage.open(browser, fake.origin);
    await watched.page.getByRole('heading', { name: 'No camera yet' }).waitFor();
    await watched.page.getByText('CAMERA_URL_1=').waitFor();
    assert.deepEqual(watched.faults, []);
  });

  it('says that the server cannot be reached, dims the pictures and goes on when it is back', async () => {
    fake.cameras = [fakeCamera('gate'), fakeCamera('yard')];
    watched = await WatchedPage.open(browser, fake.origin);
    await watched.tile('gate').locator('[data-look="live"]').waitFor();

    const { port } = fake;
    await fake.close();
    await watched.page.getByText('The server has not answered since').waitFor();
    await watched.tile('gate').locator('[data-look="old"]').getByText('Picture from').waitFor();
    await watched.tile('gate').getByText('No contact', { exact: true }).first().waitFor();
    await watched.keepScreenshot('unreachable');

    fake = await FakeApiServer.listen(WEB_ROOT, port);
    fake.cameras = [fakeCamera('gate'), fakeCamera('yard')];
    await watched.tile('gate').locator('[data-look="live"]').waitFor();
    await watched.page.locator('#banner').waitFor({ state: 'hidden' });
  });

  it('shows why a camera is down, since when and when it is tried again, over a dark picture with its age', async () => {
    fake.cameras = [fakeCamera('gate'), fakeCamera('yard')];
    watched = await WatchedPage.open(browser, fake.origin);
    const tile = watched.tile('gate');
    await tile.locator('[data-look="live"]').waitFor();
    const [, bright] = meanColour(await watched.pictureOf('gate'), MEADOW);

    fake.cameras[0]!.state = { ...down, since: secondsFromNow(-125), retryAt: secondsFromNow(30) };
    await tile.getByText('No data from the camera for 10 s', { exact: true }).waitFor();
    await tile.getByText('ERR_STREAM_STALLED').waitFor();
    await tile.getByText(/^Since \d\d:\d\d \(2 min\)$/).waitFor();
    await tile.getByText(/^Next try in 2\d s$/).waitFor();
    await tile.getByText(/^Picture from \d+ s ago$/).waitFor();
    await until(
      async () => {
        const [red, green, blue] = meanColour(await watched.pictureOf('gate'), MEADOW);
        const isGrey = Math.max(red, green, blue) - Math.min(red, green, blue) < 5;
        return (isGrey && green < bright / 2) || undefined;
      },
      { timeoutMs: 3000, describe: () => 'Expected the old picture to be dark and grey' },
    );
    assert.equal(await watched.page.title(), '1 down · Framewell');
    await tile.getByRole('link', { name: 'gate: down. No data from the camera for 10 s', exact: true }).waitFor();
    await watched.page.locator('[aria-live="polite"]', { hasText: 'gate: down' }).waitFor({ state: 'attached' });
    assert.deepEqual(watched.faults, []);
  });

  it('goes on saying why and since when while a camera is tried again', async () => {
    const [gate, yard] = [fakeCamera('gate'), fakeCamera('yard')];
    gate.state = { ...down, since: secondsFromNow(-125), retryAt: secondsFromNow(1) };
    yard.state = { name: 'connecting', since: secondsFromNow(0), downSince: secondsFromNow(0), attempt: 1 };
    fake.cameras = [gate, yard];
    watched = await WatchedPage.open(browser, fake.origin);
    const tile = watched.tile('gate');
    await tile.getByText('Down', { exact: true }).waitFor();

    const { cause } = down;
    gate.state = { name: 'connecting', since: secondsFromNow(0), downSince: secondsFromNow(-125), cause, attempt: 4 };
    await tile.getByText('Trying again now, attempt 4').waitFor();
    await tile.getByText('No data from the camera for 10 s', { exact: true }).waitFor();
    await tile.getByText(/^Since \d\d:\d\d \(2 min\)$/).waitFor();
    await watched.page.getByRole('button', { name: '1 down' }).waitFor();
    await watched.page.getByRole('button', { name: '1 starting' }).waitFor();
    assert.deepEqual(watched.faults, []);
  });

  it('does not let a picture look live when none follows, whatever the server says', async () => {
    fake.cameras = [fakeCamera('gate')];
    watched = await WatchedPage.open(browser, fake.origin);
    await watched.tile('gate').locator('[data-look="live"]').waitFor();
    fake.viewers.isSilent = true;
    await watched.tile('gate').locator('[data-look="old"]').getByText('No new picture for').waitFor();
    fake.viewers.isSilent = false;
    await watched.tile('gate').locator('[data-look="live"]').waitFor();
  });

  it('counts, filters and sorts many cameras', async () => {
    fake.cameras = Array.from({ length: 12 }, (_, at) => fakeCamera(`cam-${at + 1}`, { name: `Hall ${12 - at}` }));
    fake.cameras[4]!.state = { ...parked, since: secondsFromNow(-90_000) };
    watched = await WatchedPage.open(browser, fake.origin);
    const { page } = watched;
    const names = () => page.locator('.tile .name').allTextContents();
    await page.getByRole('button', { name: '12 cameras' }).waitFor();
    await page.getByRole('button', { name: '11 live' }).waitFor();

    await page.getByRole('button', { name: '1 down' }).click();
    assert.deepEqual(await names(), ['Hall 8']);
    await watched.tile('cam-5').getByText('Not tried again until its settings change').waitFor();
    await page.getByRole('button', { name: '12 cameras' }).click();

    await page.getByLabel('Sort').selectOption('name');
    assert.deepEqual((await names()).slice(0, 3), ['Hall 1', 'Hall 2', 'Hall 3']);
    await page.getByLabel('Sort').selectOption('trouble');
    assert.equal((await names())[0], 'Hall 8');

    await page.locator('body').press('/');
    await page.keyboard.type('hall 1');
    assert.deepEqual(new Set(await names()), new Set(['Hall 1', 'Hall 10', 'Hall 11', 'Hall 12']));
    await page.keyboard.type('zzz');
    await page.getByRole('heading', { name: 'No camera matches' }).waitFor();
    assert.deepEqual(watched.faults, []);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing serious that axe-core finds in any state of cameras, ${colorScheme}`, async () => {
      watched = await WatchedPage.open(browser, fake.origin, { colorScheme, reducedMotion: 'reduce' });
      const { page } = watched;
      await page.getByRole('heading', { name: 'No camera yet' }).waitFor();
      assert.deepEqual(await seriousFindings(page), [], 'no camera');

      const [gate, yard, hall] = [fakeCamera('gate'), fakeCamera('yard'), fakeCamera('hall')];
      fake.cameras = [gate, yard, hall, fakeCamera('shed')];
      await watched.tile('gate').locator('[data-look="live"]').waitFor();
      gate.state = { ...down, since: secondsFromNow(-125), retryAt: secondsFromNow(30) };
      yard.state = { ...parked, since: secondsFromNow(-90_000) };
      hall.state = { name: 'connecting', since: secondsFromNow(0), downSince: secondsFromNow(0), attempt: 1 };
      await watched.tile('gate').getByText('ERR_STREAM_STALLED').waitFor();
      await watched.tile('yard').getByText('Not tried again until its settings change').waitFor();
      await page.getByRole('button', { name: '1 starting' }).waitFor();
      await watched.keepScreenshot(`states-${colorScheme}`);
      assert.deepEqual(await seriousFindings(page), [], 'down, parked, starting and live');

      await watched.tile('gate').click();
      await page.getByRole('dialog').getByText('ERR_STREAM_STALLED').first().waitFor();
      assert.deepEqual(await seriousFindings(page), [], 'the large view of one that is down');
    });
  }

  it('keeps a name that looks like markup as text', async () => {
    fake.cameras = [fakeCamera('a&b <i>', { name: '<img src=x onerror=alert(1)>' })];
    watched = await WatchedPage.open(browser, fake.origin);
    await watched.page.getByText('<img src=x onerror=alert(1)>', { exact: true }).waitFor();
    await watched.tile('a&b <i>').locator('[data-look="live"]').waitFor();
    await watched.tile('a&b <i>').click();
    await watched.page.locator('dialog [data-look="live"]').waitFor();
    assert.deepEqual(watched.faults, []);
  });

  it('copies the URLs of the pictures', async () => {
    fake.cameras = [fakeCamera('gate')];
    const permissions = ['clipboard-read', 'clipboard-write'];
    watched = await WatchedPage.open(browser, `${fake.origin}/#gate`, { permissions });
    const view = watched.page.getByRole('dialog');
    await view.getByRole('button', { name: 'Copy MJPEG URL' }).click();
    await view.getByText('Copied').waitFor();
    assert.equal(
      await watched.page.evaluate('navigator.clipboard.readText()'),
      `${fake.origin}/cameras/gate/stream.mjpeg`,
    );
  });

  it('remembers the theme, and follows the system until one is chosen', async () => {
    fake.cameras = [fakeCamera('gate')];
    watched = await WatchedPage.open(browser, fake.origin, { colorScheme: 'dark' });
    const { page } = watched;
    const pageColour = async () => {
      const corner = await page.screenshot({ type: 'jpeg', clip: { x: 2, y: 780, width: 8, height: 8 } });
      return meanColour(await decodeJpeg(corner), WHOLE)[0] < 128 ? 'dark' : 'light';
    };
    assert.equal(await pageColour(), 'dark');
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    assert.equal(await pageColour(), 'light');
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    assert.equal(await pageColour(), 'light');
  });
});
