import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { seriousFindings } from '../support/axe.js';
import { FramewellServer } from '../support/framewell-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';

const TOKEN = 'token-of-who-sees-every';

describe('the page of a server with tokens', { skip: requires('chromium') }, () => {
  let browser: Browser;
  let server: FramewellServer;
  let watched: WatchedPage;

  before(async () => {
    browser = await launchBrowser();
    server = await FramewellServer.start({
      cameras: [],
      environment: { API_TOKENS: `anna:viewer:*:${TOKEN}` },
      secrets: [TOKEN],
    });
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });
  beforeEach(async () => {
    watched = await WatchedPage.open(browser, server.origin);
    await watched.page.getByRole('heading', { name: 'Log in' }).waitFor();
  });
  afterEach(() => watched.close());

  /** What the browser says itself of answers with 401, also to a socket, is none of the page's faults. */
  function faults(): string[] {
    return watched.faults.filter((fault) => !/401 \(Unauthorized\)|HTTP Authentication failed/.test(fault));
  }

  async function logIn(token = TOKEN): Promise<void> {
    await watched.page.getByLabel('Token').fill(token);
    await watched.page.getByRole('button', { name: 'Log in' }).click();
  }

  it('asks for a token, says when it is wrong, and shows live pictures when it is right', async () => {
    await logIn('not-the-right-token');
    await watched.page.getByRole('alert').getByText('This token is not valid.').waitFor();
    assert.equal(await watched.page.locator('[data-camera]').count(), 0);
    assert.deepEqual(watched.streams, []);

    await logIn();
    await watched.tile('demo').locator('[data-look="live"]').waitFor();
    assert.ok(!(await watched.page.getByLabel('Token').isVisible()));
    const scriptsSee = await watched.page.evaluate('document.cookie');
    assert.equal(scriptsSee, '');
    await watched.keepScreenshot('logged-in');
    assert.deepEqual(faults(), []);
  });

  it('stays logged in over a reload, until the button logs out', async () => {
    await logIn();
    await watched.tile('demo').waitFor();
    await watched.page.reload();
    const button = watched.page.getByRole('button', { name: 'Log out' });
    await button.waitFor();
    assert.equal(await button.getAttribute('title'), 'Logged in as anna');

    await button.click();
    await watched.page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await watched.page.locator('[data-camera]').count(), 0);
    assert.ok(!(await button.isVisible()));
    assert.deepEqual(faults(), []);
  });

  it('asks again when the login has ended, and connects anew after the next', async () => {
    await logIn();
    await watched.tile('demo').locator('[data-look="live"]').waitFor();
    await watched.page.context().clearCookies();
    await watched.page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await watched.page.locator('[data-camera]').count(), 0);

    await logIn();
    await watched.tile('demo').locator('[data-look="live"]').waitFor();
    assert.deepEqual(faults(), []);
  });

  it('is used by keyboard alone', async () => {
    const { keyboard } = watched.page;
    const focused = () =>
      watched.page.evaluate(
        `document.activeElement.id || document.activeElement.closest('[data-camera]')?.dataset.camera`,
      );
    assert.equal(await focused(), 'token');
    await keyboard.type(TOKEN);
    await keyboard.press('Enter');
    await watched.tile('demo').locator('[data-look="live"]').waitFor();
    await watched.page.getByRole('button', { name: 'Log out' }).waitFor();

    const reached: unknown[] = [];
    while (reached.at(-1) !== 'demo' && reached.length < 10) {
      await keyboard.press('Tab');
      reached.push(await focused());
    }
    assert.deepEqual(reached.slice(-3), ['log-out', 'theme', 'demo']);
    await keyboard.press('Enter');
    await watched.page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await watched.page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(async () => (await focused()) === 'demo' || undefined, {
      timeoutMs: 3000,
      describe: () => 'Expected the focus to be back on the tile',
    });
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'log-out');
    await keyboard.press('Enter');
    await watched.page.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing serious that axe-core finds, ${colorScheme}`, async () => {
      await watched.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await watched.keepScreenshot(`login-${colorScheme}`);
      assert.deepEqual(await seriousFindings(watched.page), [], 'the login');
      await logIn();
      await watched.tile('demo').locator('[data-look="live"]').waitFor();
      assert.deepEqual(await seriousFindings(watched.page), [], 'the cameras');
      await watched.tile('demo').click();
      await watched.page.getByRole('dialog').waitFor();
      assert.deepEqual(await seriousFindings(watched.page), [], 'the large view');
    });
  }
});
