/**
 * A program that has the card decode and encode until it is told to leave. Arguments: a camera, and the way out. It
 * sends 'ready' once each of its cameras has given a picture, and leaves at the next message.
 */
import { StreamDecoderFactory, type StreamDecoder } from '../../index.js';
import { keepAsking } from '../support/keep-asking.js';

export type WayOut = 'SIGTERM' | 'process.exit' | 'uncaught error' | 'natural end';

const CAMERAS = 4;
const url = process.argv[2]!;
const wayOut = process.argv[3] as WayOut;

const factory = StreamDecoderFactory.getInstance(0, { engine: 'cuda' });
const decoders = Array.from({ length: CAMERAS }, () => factory.createDecoder(url, { decode: 'always' }));
await Promise.all(decoders.map(begin));
for (const decoder of decoders) void keepAsking(decoder);

const waysOut: Readonly<Record<WayOut, () => void>> = {
  // The signal ends the program before it gets here.
  SIGTERM: () => undefined,
  'process.exit': () => process.exit(7),
  'uncaught error': () => {
    throw new Error('nobody catches this');
  },
  'natural end': () => {
    for (const decoder of decoders) void decoder.stop();
  },
};
process.once('message', () => {
  // The channel to the parent would keep the program alive.
  process.disconnect();
  waysOut[wayOut]();
});
process.send!('ready');

async function begin(decoder: StreamDecoder): Promise<void> {
  const live = new Promise<void>((resolve) => {
    decoder.onStateChange(({ name }) => name === 'live' && resolve());
  });
  decoder.start();
  await live;
  (await decoder.getLatestFrame()).release();
}
