import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { monotonicMs } from './support/monotonic.js';
import { startServer } from './support/programs.js';

const LONGEST_WAIT_MS = 10_000;

/**
 * From the start of the server's process to the last byte of a camera's first picture, in milliseconds, several times.
 * The camera begins with a keyframe, as one does whose next keyframe is due.
 */
export async function measureFirstPicture(starts = 20): Promise<number[]> {
  const cameras = await ClockCameras.start(await makeClockClip(PEERS_CLIP), 1);
  const ms: number[] = [];
  try {
    for (let start = 0; start < starts; start++) {
      const beginMs = monotonicMs();
      const server = await startServer(cameras.urls);
      const response = await fetch(`${server.address}/cameras/camera-1/snapshot.jpg?wait=${LONGEST_WAIT_MS}`);
      await response.arrayBuffer();
      ms.push(monotonicMs() - beginMs);
      await server.stop();
      if (!response.ok) throw new Error(`Expected a picture but received ${response.status}`);
    }
    return ms;
  } finally {
    await cameras.stop();
  }
}
