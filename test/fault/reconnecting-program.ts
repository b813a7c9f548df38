/**
 * Connects to the camera of its first argument again and again, without waits, and takes a picture in each session.
 * Sends the number of sessions and its resident memory in bytes to its parent after each.
 */
import { StreamDecoderFactory, encodeFrameToJpeg } from '../../index.js';
import type { Clock } from '../../services/stream/clock.js';
import { chooseEngine } from '../../services/stream/engine-choice.js';
import { NativeBackend } from '../../services/stream/native-backend.js';

export interface SessionReport {
  readonly sessions: number;
  readonly memoryBytes: number;
}

const impatientClock: Clock = { now: Date.now, sleep: () => Promise.resolve() };

const factory = new StreamDecoderFactory(new NativeBackend(chooseEngine('cpu', [])), { clock: impatientClock });
const decoder = factory.createDecoder(process.argv[2]!);
decoder.onStateChange((state) => {
  if (state.name === 'live') void takePicture();
});
process.once('disconnect', () => void factory.close());
decoder.start();

async function takePicture(): Promise<void> {
  const frame = await decoder.getLatestFrame();
  await encodeFrameToJpeg(frame);
  frame.release();
  // The frames and buffers of JavaScript are the collector's; what is looked for here is memory that nothing frees.
  globalThis.gc!();
  const report: SessionReport = { sessions: decoder.getStatus().sessions, memoryBytes: process.memoryUsage.rss() };
  process.send!(report);
}
