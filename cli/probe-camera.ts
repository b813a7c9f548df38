import { StreamDecoderFactory, type CameraSource, type StreamDecoder } from '../index.js';
import type { SessionStatus } from '../services/stream/decode-backend.js';
import { formatSpan } from '../services/time-span.js';
import { describeNamed, describePackets, describeVideo } from './describe-camera.js';
import { CommandFailure } from './failure.js';
import type { Facts } from './terminal.js';

/** For a camera that sends video without a keyframe; connecting, and waiting for video at all, end before. */
const LIVE_TIMEOUT_MS = 30_000;
const PICTURE_TIMEOUT_MS = 10_000;
/** Rates of less are guesses. */
const LEAST_MEASURE_MS = 1000;
/** Two keyframes of most cameras come in this time. */
const MOST_MEASURE_MS = 10_000;

/** As a shell tells of a program that SIGINT ended. */
const INTERRUPTED = 130;

/**
 * Opens the camera, and looks at its video until the rate and the keyframe interval are known.
 * @throws CommandFailure or FramewellError with the code of what failed
 */
export async function probeCamera(source: CameraSource): Promise<Facts> {
  // The camera's session is ended on the way out.
  process.once('SIGINT', () => process.exit(INTERRUPTED));
  const factory = StreamDecoderFactory.getInstance();
  try {
    const decoder = factory.createDecoder(source);
    const startedAtMs = performance.now();
    const live = untilLive(decoder);
    decoder.start();
    await live;
    return await measure(decoder, source, startedAtMs);
  } finally {
    await factory.close();
  }
}

/** Rejects when the first try fails: another would be no probe. */
function untilLive(decoder: StreamDecoder): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new CommandFailure(`No keyframe came within ${LIVE_TIMEOUT_MS / 1000} s`, { code: 'ERR_FRAME_TIMEOUT' }));
    }, LIVE_TIMEOUT_MS);
    const stopListening = decoder.onStateChange((state) => {
      if (state.name === 'live') resolve();
      else if (state.name === 'backingOff' || state.name === 'parked') {
        reject(new CommandFailure(state.cause.message, { code: state.cause.code }));
      } else return;
      clearTimeout(timer);
      stopListening();
    });
  });
}

async function measure(decoder: StreamDecoder, source: CameraSource, startedAtMs: number): Promise<Facts> {
  let sequence = await takePicture(decoder, -1);
  const firstPictureAtMs = performance.now();
  for (;;) {
    const { session, engine } = decoder.getStatus();
    const measuredMs = performance.now() - firstPictureAtMs;
    const isMeasured = session?.keyframeIntervalMs !== undefined && measuredMs >= LEAST_MEASURE_MS;
    if (session && (isMeasured || measuredMs >= MOST_MEASURE_MS)) {
      return {
        url: source.redactedUrl,
        ...describeSession(session),
        transport: source.transport,
        engine: describeNamed(engine),
        'first picture': `after ${formatSpan(firstPictureAtMs - startedAtMs)}`,
      };
    }
    sequence = await takePicture(decoder, sequence);
  }
}

/** Waits for a picture above this sequence, and gives its own. */
async function takePicture(decoder: StreamDecoder, afterSequence: number): Promise<number> {
  const frame = await decoder.getLatestFrame({ afterSequence, timeoutMs: PICTURE_TIMEOUT_MS });
  frame.release();
  return frame.sequence;
}

function describeSession({ video, ingest, keyframeIntervalMs }: SessionStatus): Facts {
  return {
    ...(video && describeVideo({ ...video, keyframeIntervalMs: keyframeIntervalMs ?? null })),
    ...(keyframeIntervalMs === undefined && { 'keyframe interval': `over ${formatSpan(MOST_MEASURE_MS)}` }),
    packets: ingest.packets && describePackets(ingest.packets),
    ingest: describeNamed(ingest),
  };
}
