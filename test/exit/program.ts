/**
 * A program that uses the library and has cameras in every state when it is told to leave, in the way that its second
 * argument names. Its first argument is where the cameras are, as JSON. It sends 'ready' once all are in their states
 * and leaves at the next message.
 */
import { StreamDecoderFactory, type StreamDecoder } from '../../index.js';
import { keepAsking } from '../support/keep-asking.js';
import type { ExitCameras } from './exit-cameras.js';

export type WayOut = 'SIGTERM' | 'SIGINT' | 'process.exit' | 'uncaught error' | 'stop' | 'close';

const cameras = JSON.parse(process.argv[2]!) as ExitCameras;
const wayOut = process.argv[3] as WayOut;

// Two engines: what one leaves behind must not be in the other's way.
const factories = [StreamDecoderFactory.getInstance(0), StreamDecoderFactory.getInstance(1)] as const;
const [factory, other] = factories;
const onDemand = factory.createDecoder(cameras.live, { bufferSize: 3 });
const always = other.createDecoder(cameras.live, { bufferSize: 3, decode: 'always' });
const decoders: [StreamDecoder, keyof ExitCameras][] = [
  [onDemand, 'live'],
  [always, 'live'],
  [factory.createDecoder(cameras.connecting), 'connecting'],
  [factory.createDecoder(cameras.backingOff), 'backingOff'],
  [factory.createDecoder(cameras.parked), 'parked'],
  [factory.createDecoder(cameras.awaitingKeyframe), 'awaitingKeyframe'],
];

for (const [decoder] of decoders) decoder.start();
await Promise.all(decoders.map(([decoder, state]) => reached(decoder, state)));

// Requests in flight at any moment: frames being waited for, frames being encoded.
for (const decoder of [onDemand, always]) void keepAsking(decoder);
for (const [decoder] of decoders)
  decoder.getLatestFrame().then(
    (frame) => frame.release(),
    () => undefined,
  );
(await onDemand.getLatestFrame()).release();

const waysOut: Readonly<Record<WayOut, () => void>> = {
  // Without handlers of its own, a signal ends the program before it gets here.
  SIGTERM: () => undefined,
  SIGINT: () => undefined,
  'process.exit': () => process.exit(7),
  'uncaught error': () => {
    throw new Error('nobody catches this');
  },
  stop: () => {
    for (const [decoder] of decoders) void decoder.stop();
  },
  close: () => {
    for (const each of factories) void each.close();
  },
};
process.once('message', () => {
  // The channel to the parent would keep the program alive.
  process.disconnect();
  waysOut[wayOut]();
});
process.send!('ready');

function reached(decoder: StreamDecoder, state: keyof ExitCameras): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = decoder.onStateChange(check);
    check();
    function check(): void {
      const { name } = decoder.getStatus().state;
      if (name !== state) return;
      stopListening();
      resolve();
    }
  });
}
