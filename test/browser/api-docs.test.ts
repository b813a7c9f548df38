import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { FramewellServer } from '../support/framewell-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { requires } from '../support/requires.js';

describe('the pages of the API', { skip: requires('chromium') }, () => {
  let browser: Browser;
  let server: FramewellServer;

  before(async () => {
    browser = await launchBrowser();
    server = await FramewellServer.start({ cameras: [] });
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  it('work under the security policy, and can try a request', async () => {
    const watched = await WatchedPage.open(browser, `${server.origin}/docs/`);
    const { page } = watched;
    const operation = page.locator('#operations-cameras-get_cameras');
    await operation.getByText('The cameras that the caller may see').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.getByText('"Demo camera"').first().waitFor();
    await watched.keepScreenshot('api-docs');
    // Swagger UI brings a style of its own, which the policy stops and nothing needs.
    assert.deepEqual(
      watched.faults.filter((fault) => !fault.startsWith('Applying inline style')),
      [],
    );
    await watched.close();
  });
});
