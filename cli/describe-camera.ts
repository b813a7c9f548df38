import { formatSpan } from '../services/time-span.js';
import type { CameraReport } from './camera-report.js';
import type { Facts } from './terminal.js';

type Video = Pick<CameraReport, 'codec' | 'width' | 'height' | 'fps' | 'bitrateKbps' | 'keyframeIntervalMs'>;

/** What the camera sends; null is not known. */
export function describeVideo({ codec, width, height, fps, bitrateKbps, keyframeIntervalMs }: Video): Facts {
  return {
    codec: codec ?? undefined,
    size: width && height ? `${width}x${height}` : undefined,
    rate: fps === null ? undefined : `${Math.round(fps * 100) / 100} fps, ${Math.round(bitrateKbps ?? 0)} kbit/s`,
    'keyframe interval': keyframeIntervalMs === null ? undefined : formatSpan(keyframeIntervalMs),
  };
}

/** "libav: The camera sends VP9": who does it, and why it is that one. */
export function describeNamed({ name, reason }: { readonly name: string; readonly reason?: string }): string {
  return reason === undefined ? name : `${name}: ${reason}`;
}

/** RTP packets of the connection. */
export function describePackets(packets: {
  readonly received: number;
  readonly lost: number;
  readonly reordered: number;
}): string {
  return `${packets.received} received, ${packets.lost} lost, ${packets.reordered} reordered`;
}

/** All that the server knows, as far as it helps to find a fault. */
export function describeCamera(camera: CameraReport): Facts {
  const { id, name, url, state, ingest, engine, ages, decode, viewers, counters } = camera;
  const endings = Object.entries(counters.endings).map(([code, times]) => `${code} ${times} times`);
  return {
    id,
    name,
    url,
    state: `${state.name} since ${state.since}`,
    cause: state.cause && `${state.cause.code}: ${state.cause.message}`,
    'down since': state.downSince,
    'next try': state.retryAt,
    ...describeVideo(camera),
    'last video': ages.accessUnitMs === null ? undefined : `${formatSpan(ages.accessUnitMs)} ago`,
    ingest: ingest ? describeNamed(ingest) : undefined,
    packets: ingest?.packets && describePackets(ingest.packets),
    engine: describeNamed(engine),
    decode: `${decode.mode}, ${decode.running ? 'running' : 'at rest'}`,
    viewers: `${viewers}`,
    connections: [`${counters.sessions} tried`, ...endings].join(', '),
  };
}
