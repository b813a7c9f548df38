import { Registry } from 'prom-client';
import type { Principal } from '../access/principal.js';
import type { EngineStatus } from '../stream/decode-backend.js';
import { collectCameraMetrics } from './camera-metrics.js';
import { collectEngineMetrics } from './engine-metrics.js';
import { collectGpuMetrics } from './gpu-metrics.js';
import type { GpuSource } from './gpu-route.js';
import type { LiveViewers } from './live-viewers.js';
import { processMetrics } from './process-metrics.js';
import type { ServedCameras } from './served-cameras.js';
import { collectViewerMetrics } from './viewer-metrics.js';

/** Whoever does the work for all cameras. */
export interface EngineSource {
  status(): EngineStatus;
}

export interface MetricSources {
  readonly cameras: ServedCameras;
  readonly engine: EngineSource;
  readonly gpus: GpuSource;
  readonly viewers: LiveViewers;
}

/** From when this is loaded, which is when somebody first asks. */
const ofProcess = processMetrics();

/** The media type of the text format. */
export const METRICS_TYPE = ofProcess.contentType;

/** What Prometheus is told, in its text format: of the process, and of the cameras that the caller may see. */
export async function metricsFor(
  principal: Principal,
  { cameras, engine, gpus, viewers }: MetricSources,
): Promise<string> {
  const ofCameras = new Registry();
  collectCameraMetrics(ofCameras, cameras.seenBy(principal).list(), Date.now());
  // What is counted over all cameras together would tell of those that the caller may not see.
  if (principal.cameras === undefined) {
    collectEngineMetrics(ofCameras, engine.status());
    collectGpuMetrics(ofCameras, await gpus.gpuStatus());
    collectViewerMetrics(ofCameras, viewers);
  }
  return [await ofProcess.metrics(), await ofCameras.metrics()].join('\n');
}
