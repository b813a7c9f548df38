import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startTestApp, type TestApp, type TestAppOptions } from './test-app.js';
import { FramewellViewer } from './viewer.js';

export interface WatchedApp extends TestApp {
  readonly origin: string;
  readonly watch: (path: string) => Promise<FramewellViewer>;
}

/** A test app that listens, and viewers of it, which leave at the end of the test. */
export async function startWatchedApp(t: TestContext, options: TestAppOptions = {}): Promise<WatchedApp> {
  const testApp = await startTestApp(t, options);
  await testApp.app.listen({ port: 0 });
  const { port } = testApp.app.server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const watch = async (path: string) => {
    const viewer = await FramewellViewer.open(origin, path);
    t.after(() => viewer.close());
    return viewer;
  };
  return { ...testApp, origin, watch };
}
