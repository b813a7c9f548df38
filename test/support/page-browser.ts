import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { decodeJpeg, type Picture } from './picture.js';
import { findChromium } from './requires.js';
import { WatchedLink } from './watched-link.js';

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
  /** What goes over the page's picture sockets. */
  readonly links: WatchedLink[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.faults.push(message.text());
    });
    page.on('websocket', (socket) => {
      const link = new WatchedLink(socket);
      this.links.push(link);
      socket.on('close', () => this.links.splice(this.links.indexOf(link), 1));
    });
  }

  /** Ids of the cameras whose pictures the page asks for now. */
  get streams(): string[] {
    return this.links.flatMap((link) => link.streams);
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return WatchedPage.openIn(await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options }), url);
  }

  static async openIn(context: BrowserContext, url: string): Promise<WatchedPage> {
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

  /** Tells the page that nobody sees it, or that somebody does again; Playwright keeps its own pages visible. */
  async setHidden(isHidden: boolean): Promise<void> {
    await this.page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
