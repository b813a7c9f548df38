import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { FakeApiServer, fakeCamera } from '../support/fake-api-server.js';
import { OtherSite } from '../support/other-site.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';
import { decodeJpeg, meanColour } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { WEB_ROOT } from '../support/web-modules.js';

const cause = { code: 'ERR_STREAM_STALLED', message: 'No data from the camera for 10 s' };
// Green in the fake pictures, and clear of all words.
const MEADOW = { left: 0.05, top: 0.8, width: 0.2, height: 0.15 };

interface Heard {
  readonly type: string;
  readonly camera: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

describe('<framewell-camera> in a page of another origin', { skip: requires('chromium') }, () => {
  let browser: Browser;
  let fake: FakeApiServer;
  let site: OtherSite;
  let watched: WatchedPage;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    fake = await FakeApiServer.listen(WEB_ROOT);
    fake.cameras = [fakeCamera('gate', { name: 'Garden gate' }), fakeCamera('yard')];
  });
  afterEach(async () => {
    await watched.close();
    await site.close();
    await fake.close();
  });

  /** A page that forbids all but what docs/web-component.md says that the element needs. */
  async function open(body: string): Promise<void> {
    const module = `<script type="module" src="${fake.origin}/viewer/framewell-camera.js"></script>`;
    const policy = `default-src 'none'; script-src ${fake.origin}; connect-src ${fake.origin.replace('http', 'ws')}`;
    site = await OtherSite.serve(`<!doctype html><title>Other</title>${module}${body}`, {
      'content-security-policy': policy,
    });
    const context = await browser.newContext({ viewport: { width: 656, height: 800 } });
    await context.addInitScript(`
      window.heard = [];
      for (const type of ['framewell-state', 'framewell-picture']) {
        document.addEventListener(type, ({ target, detail }) =>
          heard.push({ type, camera: target.getAttribute('camera'), detail }));
      }
    `);
    watched = await WatchedPage.openIn(context, site.origin);
  }

  function element(camera: string, attributes = ''): string {
    return `<framewell-camera src="${fake.origin}" camera="${camera}" ${attributes}></framewell-camera>`;
  }

  function cameraOf(id: string): Locator {
    return watched.page.locator(`framewell-camera[camera="${id}"]`);
  }

  async function untilState(camera: Locator, state: string): Promise<void> {
    await camera.locator(`[data-state="${state}"]`).waitFor();
  }

  async function heard(type: string): Promise<Heard[]> {
    const events = await watched.page.evaluate<Heard[]>('heard');
    return events.filter((event) => event.type === type);
  }

  async function untilSaid(type: string, count: number): Promise<void> {
    const said = () => fake.viewers.messages.filter((message) => message.type === type).length;
    await until(async () => said() === count || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected ${count} × ${type} but heard ${said()}`,
    });
  }

  /** What a screen reader is told of the elements. */
  async function accessibleNames(): Promise<string[]> {
    const devtools = await watched.page.context().newCDPSession(watched.page);
    const { nodes } = await devtools.send('Accessibility.getFullAXTree');
    await devtools.detach();
    return nodes.filter(({ role }) => role?.value === 'image').map(({ name }) => String(name?.value));
  }

  it('shows several cameras over one socket, each at the size of its pixels', async () => {
    await open(element('gate') + element('yard') + element('gate', 'fit="cover" alt="The gate again"'));
    for (const camera of await watched.page.locator('framewell-camera').all()) {
      await camera.scrollIntoViewIfNeeded();
      await untilState(camera, 'live');
    }
    assert.equal(watched.links.length, 1);
    assert.deepEqual(watched.streams.toSorted(), ['gate', 'gate', 'yard']);
    const asked = fake.viewers.messages.filter(({ type }) => type === 'subscribe');
    assert.deepEqual(new Set(asked.map(({ width }) => width)), new Set([640]));
    assert.deepEqual(await accessibleNames(), ['Garden gate: live', 'yard: live', 'The gate again: live']);
    const colour = meanColour(await decodeJpeg(await cameraOf('yard').screenshot({ type: 'jpeg' })), MEADOW);
    assert.ok(colour[1] > colour[0] && colour[1] > colour[2], `The meadow is ${String(colour)}`);
    await watched.keepScreenshot('element-live');
    assert.deepEqual(watched.faults, []);
  });

  it('tells the page of its pictures and states', async () => {
    await open(element('gate'));
    await untilState(cameraOf('gate'), 'live');
    const [picture] = await heard('framewell-picture');
    const { ageMs, receivedAtMs, ...detail } = picture!.detail;
    assert.deepEqual(detail, { sequence: 0, capturedAtMs: null, rung: 0 });
    assert.ok((ageMs as number) >= fake.viewers.pictureAgeMs, `An age of ${String(ageMs)} ms`);
    assert.ok(Math.abs((receivedAtMs as number) - Date.now()) < 60_000);

    fake.cameras[0]!.state = { name: 'backingOff', since: new Date().toISOString(), cause };
    await cameraOf('gate').getByText(cause.message).waitFor();
    await cameraOf('gate').getByText(cause.code).waitFor();
    await cameraOf('gate').locator('[data-picture="old"]').waitFor();
    assert.deepEqual(await accessibleNames(), ['Garden gate: down. No data from the camera for 10 s']);
    await watched.keepScreenshot('element-down');

    // While it is tried again it is still down, and why still holds.
    fake.cameras[0]!.state = { name: 'connecting', since: new Date().toISOString(), cause };
    fake.cameras[0]!.name = 'Tried again';
    const expected = 'Tried again: down. No data from the camera for 10 s';
    await until(async () => ((await accessibleNames())[0] === expected ? expected : undefined), {
      timeoutMs: 5000,
      describe: () => 'Expected the news of the camera',
    });
    fake.cameras[0]!.state = { name: 'live', since: new Date().toISOString() };
    await untilState(cameraOf('gate'), 'live');
    assert.deepEqual(
      (await heard('framewell-state')).map((event) => event.detail),
      [
        { state: 'live', cause: null },
        { state: 'down', cause },
        { state: 'live', cause: null },
      ],
    );
  });

  it('does not let a picture look live when none follows', async () => {
    await open(element('gate'));
    await untilState(cameraOf('gate'), 'live');
    fake.viewers.isSilent = true;
    await cameraOf('gate')
      .locator('[data-picture="old"]')
      .getByText(/^Stale · picture from \d+ s ago$/)
      .waitFor();
    await watched.keepScreenshot('element-stale');
  });

  it('says that there is no contact, and connects again', async () => {
    await open(element('gate'));
    await untilState(cameraOf('gate'), 'live');
    const { port } = fake;
    await fake.close();
    await cameraOf('gate').getByText('The server does not answer').waitFor();
    fake = await FakeApiServer.listen(WEB_ROOT, port);
    fake.cameras = [fakeCamera('gate')];
    await untilState(cameraOf('gate'), 'live');
  });

  it('says that there is no such camera, and finds it once it is added', async () => {
    await open(element('attic'));
    await cameraOf('attic').getByText('ERR_CAMERA_NOT_FOUND').waitFor();
    fake.cameras = [...fake.cameras, fakeCamera('attic')];
    await untilState(cameraOf('attic'), 'live');
  });

  it('says what is wrong with its attributes', async () => {
    await open(
      '<framewell-camera src="rtsp://camera" camera="a"></framewell-camera><framewell-camera></framewell-camera>',
    );
    await watched.page.getByText('Expected an http or https URL for src but received rtsp://camera').waitFor();
    await watched.page.locator('framewell-camera').nth(1).scrollIntoViewIfNeeded();
    await watched.page.getByText('Expected the id of a camera for camera but received none').waitFor();
    assert.equal(watched.links.length, 0);
    assert.deepEqual(watched.faults, []);
  });

  it('follows its attributes', async () => {
    await open(element('gate'));
    await untilState(cameraOf('gate'), 'live');
    const set = (name: string, value: string) =>
      watched.page.evaluate(`document.querySelector('framewell-camera').setAttribute('${name}', '${value}')`);
    await set('camera', 'yard');
    await untilState(cameraOf('yard'), 'live');
    assert.deepEqual(watched.streams, ['yard']);
    await set('alt', 'Behind the house');
    assert.deepEqual(await accessibleNames(), ['Behind the house: live']);

    // The page's policy does not allow it.
    await set('src', 'http://elsewhere.test');
    await cameraOf('yard').getByText('ERR_SOCKET_REFUSED').waitFor();
    await watched.keepScreenshot('element-refused');
    await until(async () => watched.links.length === 0 || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected the socket to the first server to be closed',
    });
    await watched.page.evaluate(`document.querySelector('framewell-camera').removeAttribute('src')`);
    await untilState(cameraOf('yard'), 'live');
  });

  it('asks for nothing before it is seen, and for no pictures out of sight or while the page is hidden', async () => {
    await open(`${element('gate')}<hr size="3000">${element('yard')}`);
    await untilState(cameraOf('gate'), 'live');
    assert.deepEqual(watched.streams, ['gate']);
    await cameraOf('yard').scrollIntoViewIfNeeded();
    await untilState(cameraOf('yard'), 'live');
    await untilSaid('pause', 1);
    await watched.setHidden(true);
    await untilSaid('pause', 2);
    await watched.setHidden(false);
    await untilSaid('resume', 1);
    await cameraOf('gate').scrollIntoViewIfNeeded();
    await untilSaid('resume', 2);
    assert.equal(watched.links.length, 1);
  });

  it('leaves nothing behind when it is removed, and begins again when it is put back', async () => {
    await open(element('gate'));
    await untilState(cameraOf('gate'), 'live');
    await watched.page.evaluate(`(window.kept = document.querySelector('framewell-camera')).remove()`);
    await untilSaid('unsubscribe', 1);
    await until(async () => watched.links.length === 0 || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected the socket to be closed',
    });
    await watched.page.evaluate('document.body.append(kept)');
    await until(async () => watched.links[0]?.pictures || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected pictures again',
    });
    assert.deepEqual(watched.faults, []);
  });
});
