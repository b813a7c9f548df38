/**
 * A viewer in a process of its own. The parent, test/support/remote-viewer.ts, sends what to watch and then asks again
 * and again how many pictures have come; the program ends with it.
 */
import { once } from 'node:events';
import { FramewellViewer } from './viewer.js';

export interface Watched {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

process.once('disconnect', () => process.exit());
const [{ origin, path, headers }] = (await once(process, 'message')) as [Watched];
const viewer = await FramewellViewer.open(origin, path, { headers });
const tell = () => process.send!(viewer.shown.length);
process.on('message', tell);
tell();
