import type { StreamState } from '../stream/stream-status.js';
import type { ServedCamera } from './served-cameras.js';

const NO_SESSION = {
  decoding: false,
  ring: { accessUnits: 0, bytes: 0, overflowed: false },
  counters: { accessUnits: 0, keyframes: 0, bytes: 0, decodedFrames: 0, losses: 0 },
};

/** A camera as the API tells of it; schemas.ts has the meaning of the fields. Never a credential. */
export function describeCamera({ camera, pictures }: ServedCamera, nowMs: number) {
  const { state, engine, decodeMode, session, newestFrame, ...life } = camera.stream.getStatus();
  const { decoding, ring, counters } = session ?? NO_SESSION;
  const video = session?.video;
  const age = (atMs: number | undefined) => (atMs === undefined ? null : Math.max(0, Math.round(nowMs - atMs)));
  return {
    id: camera.id,
    name: camera.name,
    url: camera.source.redactedUrl,
    state: describeState(state),
    codec: video?.codec ?? null,
    // Zero until the parameter sets were seen.
    width: video?.width || null,
    height: video?.height || null,
    fps: video ? Math.round(video.fps * 100) / 100 : null,
    bitrateKbps: video ? Math.round(video.bitrateKbps) : null,
    keyframeIntervalMs: session?.keyframeIntervalMs === undefined ? null : Math.round(session.keyframeIntervalMs),
    engine,
    ingest: session?.ingest ?? null,
    decode: { mode: decodeMode, running: decoding },
    ring,
    ages: {
      accessUnitMs: age(session?.lastAccessUnitAtMs),
      keyframeMs: age(session?.lastKeyframeAtMs),
      frameMs: age(newestFrame?.receivedAtMs),
    },
    viewers: pictures.viewers,
    pictures: pictures.counters,
    counters: { sessions: life.sessions, endings: life.endings, transitions: life.transitions, ...counters },
  };
}

function describeState(state: StreamState) {
  return {
    name: state.name,
    since: isoTime(state.sinceMs),
    ...('downSinceMs' in state && { downSince: isoTime(state.downSinceMs) }),
    ...('cause' in state && { cause: state.cause }),
    ...('retryAtMs' in state && { retryAt: isoTime(state.retryAtMs) }),
    ...('attempt' in state && { attempt: state.attempt }),
  };
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
