/**
 * Saves a camera's newest picture as a JPEG:
 *
 *   node dist/examples/save-snapshot.js rtsp://user:password@192.0.2.7/stream picture.jpg
 */
import { writeFile } from 'node:fs/promises';

import { encodeFrameToJpeg, StreamDecoderFactory, type StreamDecoder } from 'framewell';

const [url, path = 'snapshot.jpg'] = process.argv.slice(2);
if (url === undefined) {
  console.error('Usage: node dist/examples/save-snapshot.js <camera-url> [file]');
  process.exit(2);
}

const factory = StreamDecoderFactory.getInstance(0);
const decoder = factory.createDecoder(url, { bufferSize: 3 });
try {
  const live = untilLive(decoder);
  decoder.start();
  await live;
  const frame = await decoder.getLatestFrame({ timeoutMs: 5000 });
  try {
    await writeFile(path, await encodeFrameToJpeg(frame, 80));
    console.log(`${path}: frame ${frame.sequence}, ${frame.width}x${frame.height}`);
  } finally {
    frame.release();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await decoder.stop();
  await factory.close();
}

/** Rejects when the first try fails; a program that runs for long would let the decoder try again. */
function untilLive(camera: StreamDecoder): Promise<void> {
  return new Promise((resolve, reject) => {
    camera.onStateChange((state) => {
      if (state.name === 'live') resolve();
      if (state.name === 'backingOff' || state.name === 'parked') reject(new Error(state.cause.message));
    });
  });
}
