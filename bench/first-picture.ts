import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { monotonicMs } from './support/monotonic.js';
import { cpuTimeMs } from './support/process-usage.js';
import { startServer } from './support/programs.js';

const LONGEST_WAIT_MS = 10_000;

/** Until the last byte of a camera's first picture, several times. */
export interface FirstPictureResult {
  readonly sinceStartMs: readonly number[];
  /** Since the server said where it is; the camera has been connected before. */
  readonly sinceListeningMs: readonly number[];
  /** What the server's process has taken of the processors, in milliseconds. */
  readonly cpuMs: readonly number[];
}

/** The camera begins with a keyframe, as one does whose next keyframe is due. */
export async function measureFirstPicture(starts = 20): Promise<FirstPictureResult> {
  const cameras = await ClockCameras.start(await makeClockClip(PEERS_CLIP), 1);
  const sinceStartMs: number[] = [];
  const sinceListeningMs: number[] = [];
  const cpuMs: number[] = [];
  try {
    for (let start = 0; start < starts; start++) {
      const startMs = monotonicMs();
      const server = await startServer(cameras.urls);
      const listeningMs = monotonicMs();
      const response = await fetch(`${server.address}/cameras/camera-1/snapshot.jpg?wait=${LONGEST_WAIT_MS}`);
      await response.arrayBuffer();
      sinceStartMs.push(monotonicMs() - startMs);
      sinceListeningMs.push(monotonicMs() - listeningMs);
      cpuMs.push(cpuTimeMs(server.pid));
      await server.stop();
      if (!response.ok) throw new Error(`Expected a picture but received ${response.status}`);
    }
    return { sinceStartMs, sinceListeningMs, cpuMs };
  } finally {
    await cameras.stop();
  }
}
