/**
 * Takes the pictures of the page that people look at: docs/screenshot.png for the README and a dozen more in
 * build/screenshots. Type: node dist/test/browser/take-screenshots.js
 */
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import sharp from 'sharp';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { makeClip } from '../support/clips.js';
import { FramewellServer } from '../support/framewell-server.js';
import { launchBrowser, WatchedPage } from '../support/page-browser.js';

const README_SCREENSHOT = fileURLToPath(new URL('../../../docs/screenshot.png', import.meta.url));
const FPS = 15;

interface Scene {
  readonly name: string;
  /** An lavfi source without size and rate. */
  readonly source: string;
  readonly codec: 'h264' | 'h265';
}

const SCENES: readonly Scene[] = [
  { name: 'Front door', source: gradient('0x2b4c5e', '0xd9a66c', 5), codec: 'h264' },
  { name: 'Drive', source: gradient('0x39513f', '0xcfd3a6', 11), codec: 'h264' },
  { name: 'Back garden', source: gradient('0x2f4438', '0xb9c48f', 17), codec: 'h265' },
  { name: 'Garage', source: gradient('0x22262e', '0x8091a8', 3), codec: 'h264' },
  { name: 'Loading bay', source: gradient('0x5a3d3a', '0xe2b8a0', 8), codec: 'h264' },
  { name: 'Test pattern', source: 'testsrc2', codec: 'h264' },
  { name: 'Reception', source: gradient('0x40385e', '0xb7a8d6', 21), codec: 'h265' },
  { name: 'Colour bars', source: 'smptehdbars', codec: 'h264' },
];
const DOWN_AT = 4;

function gradient(from: string, to: string, seed: number): string {
  return `gradients=n=2:c0=${from}:c1=${to}:seed=${seed}:speed=0.012`;
}

function sceneClip({ name, source, codec }: Scene): Promise<string> {
  const options = source.includes('=') ? ':' : '=';
  const input = ['-f', 'lavfi', '-i', `${source}${options}size=1280x720:rate=${FPS}`, '-t', '8'];
  const clock = `drawtext=text='${name}  %{pts\\:hms}':fontsize=40:fontcolor=white:x=36:y=32:shadowx=2:shadowy=2`;
  const coding = ['-c:v', codec === 'h264' ? 'libx264' : 'libx265', '-preset', 'veryfast', '-bf', '0', '-g', '30'];
  const quiet = codec === 'h265' ? ['-x265-params', 'log-level=error'] : [];
  return makeClip(
    `scene-${name.replaceAll(' ', '-')}`,
    [...input, '-vf', clock, '-pix_fmt', 'yuv420p', ...coding, ...quiet],
    codec,
  );
}

async function mountScenes(simulator: SimulatorServer): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const [at, scene] of SCENES.entries()) {
    mounts.push(simulator.addMount(`/cam${at + 1}`, await loadClip(await sceneClip(scene), { fps: FPS })));
  }
  return mounts;
}

/** Shows `count` cameras, and ends whatever happens. */
async function serve(mounts: readonly Mount[], count: number, show: (server: FramewellServer) => Promise<void>) {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const names = numbers.map((at) => [`CAMERA_NAME_${at + 1}`, SCENES[at]?.name ?? `Hall ${at + 1}`]);
  const server = await FramewellServer.start({
    cameras: numbers.map((at) => ({ id: `cam-${at + 1}`, url: mounts[at % mounts.length]!.url })),
    environment: Object.fromEntries(names) as Record<string, string>,
  });
  try {
    await show(server);
  } finally {
    await server.stop();
  }
}

async function keep(
  url: string,
  name: string,
  options: BrowserContextOptions,
  act?: (page: WatchedPage) => Promise<void>,
) {
  const watched = await WatchedPage.open(browser, url, { viewport: { width: 1440, height: 900 }, ...options });
  await watched.page.locator('[data-look="live"]').first().waitFor();
  // Rates are measured over two seconds.
  await watched.page.waitForTimeout(3000);
  await act?.(watched);
  await watched.keepScreenshot(name);
  await watched.close();
}

/** A fault that passes, so that the next try comes soon. */
async function breakCamera(mount: Mount, watched: WatchedPage): Promise<void> {
  mount.change({ answer: { kind: 'status', status: 500 } });
  mount.killSessions();
  await watched
    .tile(`cam-${DOWN_AT + 1}`)
    .getByText('ERR_')
    .waitFor();
  await watched.page.waitForTimeout(4000);
}

async function keepGrids(server: FramewellServer, count: number): Promise<void> {
  await keep(server.origin, `${count}-dark`, { colorScheme: 'dark' });
  await keep(server.origin, `${count}-light`, { colorScheme: 'light' });
}

async function keepViews({ origin }: FramewellServer): Promise<void> {
  await keep(origin, 'view-dark', { colorScheme: 'dark' }, async (watched) => {
    await watched.tile('cam-3').click();
    await watched.page.waitForTimeout(3000);
  });
  await keep(`${origin}/#cam-1`, 'view-light', { colorScheme: 'light' });
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
  await keep(origin, 'phone-light', { ...phone, colorScheme: 'light' });
  await keep(`${origin}/#cam-6`, 'phone-view-dark', { ...phone, colorScheme: 'dark' });
}

async function keepTroubles(server: FramewellServer, mount: Mount): Promise<void> {
  await keep(server.origin, 'down-light', { colorScheme: 'light' }, (watched) => breakCamera(mount, watched));
  mount.change({ answer: { kind: 'serve' } });
  await server.untilState(`cam-${DOWN_AT + 1}`, 'live', 30_000);
  const small = { viewport: { width: 1280, height: 570 } };
  await keep(server.origin, 'down-dark', { ...small, colorScheme: 'dark' }, async (watched) => {
    await breakCamera(mount, watched);
    const shot = await watched.page.screenshot();
    await sharp(shot).png({ palette: true, colours: 256, effort: 10 }).toFile(README_SCREENSHOT);
  });
}

const browser = await launchBrowser();
const simulator = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
try {
  const mounts = await mountScenes(simulator);
  for (const count of [1, 4, 16, 50]) await serve(mounts, count, (server) => keepGrids(server, count));
  await serve(mounts, SCENES.length, async (server) => {
    await keepViews(server);
    await keepTroubles(server, mounts[DOWN_AT]!);
  });
} finally {
  await browser.close();
  await simulator.close();
}
