import { Counter, Gauge, type Registry } from 'prom-client';
import type { StreamStatus } from '../stream/stream-status.js';
import type { ServedCamera } from './served-cameras.js';
import { addTimes } from './time-metrics.js';

interface CameraMetric {
  readonly name: string;
  readonly help: string;
  /** Undefined: this camera has none now, and no sample is given rather than a zero. */
  readonly value: (status: StreamStatus, nowMs: number) => number | undefined;
}

const GAUGES: readonly CameraMetric[] = [
  { name: 'up', help: '1 while pictures come', value: ({ state }) => (state.name === 'live' ? 1 : 0) },
  {
    name: 'picture_age_seconds',
    help: 'Since the newest access unit was received',
    value: ({ session }, nowMs) => secondsSince(session?.lastAccessUnitAtMs, nowMs),
  },
  { name: 'frame_rate', help: 'Pictures a second, by their time stamps', value: ({ session }) => session?.video?.fps },
  {
    name: 'bitrate_bits_per_second',
    help: 'Of the video as received',
    value: ({ session }) => session?.video && session.video.bitrateKbps * 1000,
  },
  {
    name: 'keyframe_interval_seconds',
    help: 'Between the two newest keyframes',
    value: ({ session }) => session?.keyframeIntervalMs && session.keyframeIntervalMs / 1000,
  },
  { name: 'ring_bytes', help: 'Video kept since the last keyframe', value: ({ session }) => session?.ring.bytes },
  {
    name: 'decoding',
    help: '1 while a decoder keeps up with the stream',
    value: ({ session }) => session && Number(session.decoding),
  },
];

/** Over all connections of the camera; they begin again where its stream is set up anew, after a change of its settings. */
const COUNTERS: readonly CameraMetric[] = [
  { name: 'sessions_total', help: 'Connections tried', value: ({ sessions }) => sessions },
  { name: 'access_units_total', help: 'Received', value: ({ totals }) => totals.accessUnits },
  { name: 'received_bytes_total', help: 'Video received', value: ({ totals }) => totals.bytes },
  { name: 'decoded_frames_total', help: 'Decoded', value: ({ totals }) => totals.decodedFrames },
  {
    name: 'losses_total',
    help: 'Times that lost packets or damage held pictures back until a keyframe',
    value: ({ totals }) => totals.losses,
  },
  { name: 'packets_lost_total', help: 'RTP packets that never came', value: ({ totals }) => totals.packetsLost },
];

const PREFIX = 'framewell_camera_';

/** Adds what Prometheus is told of these cameras, as they are now. */
export function collectCameraMetrics(registry: Registry, cameras: readonly ServedCamera[], nowMs: number): void {
  const reports = cameras.map(({ camera, pictures }) => ({
    camera: camera.id,
    status: camera.stream.getStatus(),
    viewers: pictures.viewers,
    pictures: pictures.counters,
    work: camera.stream.getWorkTimes(),
  }));
  const registers = [registry];
  for (const { name, help, value } of GAUGES) {
    const gauge = new Gauge({ name: PREFIX + name, help, labelNames: ['camera'], registers });
    for (const { camera, status } of reports) set(value(status, nowMs), (number) => gauge.set({ camera }, number));
  }
  for (const { name, help, value } of COUNTERS) {
    const counter = new Counter({ name: PREFIX + name, help, labelNames: ['camera'], registers });
    for (const { camera, status } of reports) set(value(status, nowMs), (number) => counter.inc({ camera }, number));
  }
  const encodes = new Counter({
    name: `${PREFIX}encodes_total`,
    help: 'Pictures encoded since the start',
    labelNames: ['camera'],
    registers,
  });
  const shared = new Counter({
    name: `${PREFIX}shared_pictures_total`,
    help: 'Times that a picture was given out that another request had encoded',
    labelNames: ['camera'],
    registers,
  });
  const viewers = new Gauge({
    name: `${PREFIX}viewers`,
    help: 'Live streams served',
    labelNames: ['camera'],
    registers,
  });
  const state = new Gauge({
    name: `${PREFIX}state`,
    help: '1 for the state that the camera is in; engine and receiver beside it',
    labelNames: ['camera', 'state', 'engine', 'ingest'],
    registers,
  });
  const endings = new Counter({
    name: `${PREFIX}session_ends_total`,
    help: 'Connections that ended or failed, by the code of the cause',
    labelNames: ['camera', 'code'],
    registers,
  });
  const timesOf = (kind: 'decodes' | 'encodes') =>
    reports.map(({ camera, work }) => ({ camera, boundsS: work.boundsS, ...work[kind] }));
  addTimes(registry, `${PREFIX}decode_seconds`, 'Of each access unit', timesOf('decodes'));
  addTimes(registry, `${PREFIX}encode_seconds`, 'Of each JPEG that was made', timesOf('encodes'));
  for (const { camera, status, pictures, viewers: count } of reports) {
    encodes.inc({ camera }, pictures.encodes);
    shared.inc({ camera }, pictures.shared);
    viewers.set({ camera }, count);
    const ingest = status.session?.ingest.name ?? 'none';
    state.set({ camera, state: status.state.name, engine: status.engine.name, ingest }, 1);
    for (const [code, times] of Object.entries(status.endings)) endings.inc({ camera, code }, times);
  }
}

function set(value: number | undefined, use: (value: number) => void): void {
  if (value !== undefined) use(value);
}

function secondsSince(atMs: number | undefined, nowMs: number): number | undefined {
  return atMs === undefined ? undefined : Math.max(0, nowMs - atMs) / 1000;
}
