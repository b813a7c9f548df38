import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { monotonicMs } from './support/monotonic.js';
import { startServer } from './support/programs.js';

const LONGEST_WAIT_MS = 10_000;

/** Until the last byte of a camera's first picture, in milliseconds, several times. */
export interface FirstPictureResult {
  readonly sinceStartMs: readonly number[];
  /** Since the server said where it is; that is when it begins to connect. */
  readonly sinceListeningMs: readonly number[];
}

/** The camera begins with a keyframe, as one does whose next keyframe is due. */
export async function measureFirstPicture(starts = 20): Promise<FirstPictureResult> {
  const cameras = await ClockCameras.start(await makeClockClip(PEERS_CLIP), 1);
  const sinceStartMs: number[] = [];
  const sinceListeningMs: number[] = [];
  try {
    for (let start = 0; start < starts; start++) {
      const startMs = monotonicMs();
      const server = await startServer(cameras.urls);
      const listeningMs = monotonicMs();
      const response = await fetch(`${server.address}/cameras/camera-1/snapshot.jpg?wait=${LONGEST_WAIT_MS}`);
      await response.arrayBuffer();
      sinceStartMs.push(monotonicMs() - startMs);
      sinceListeningMs.push(monotonicMs() - listeningMs);
      await server.stop();
      if (!response.ok) throw new Error(`Expected a picture but received ${response.status}`);
    }
    return { sinceStartMs, sinceListeningMs };
  } finally {
    await cameras.stop();
  }
}
