import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { decodeJpeg, type Picture } from './picture.js';
import { findChromium } from './requires.js';

const SCREENSHOTS = fileURLToPath(new URL('../../../build/screenshots/', import.meta.url));

// Nothing may leave the machine, and a container has neither a sandbox nor a display.
const ARGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The installed Chromium with a profile of its own; whoever launches it closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium()!, args: ARGS });
}

/** A page in a fresh context, and what it does that must not be overlooked. */
export class WatchedPage {
  readonly page: Page;
  /** Everything that the page complained of. */
  readonly faults: string[] = [];
  /** Camera ids of the picture sockets that are open, one entry a socket. */
  readonly streams: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.faults.push(message.text());
    });
    page.on('websocket', (socket) => {
      const id = decodeURIComponent(/\/cameras\/([^/]+)\/stream/.exec(socket.url())?.[1] ?? socket.url());
      this.streams.push(id);
      socket.on('close', () => this.streams.splice(this.streams.indexOf(id), 1));
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const watched = new WatchedPage(await context.newPage());
    await watched.page.goto(url);
    return watched;
  }

  tile(cameraId: string): Locator {
    return this.page.locator(`[data-camera="${cameraId}"]`);
  }

  /** The tile's picture as it is on the screen. */
  async pictureOf(cameraId: string): Promise<Picture> {
    return decodeJpeg(await this.tile(cameraId).locator('.picture').screenshot({ type: 'jpeg', quality: 95 }));
  }

  /** For a person to look at, in build/screenshots. */
  async keepScreenshot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
