import type { Histogram, Registry } from 'prom-client';
import type { TimeCounts } from '../stream/decode-backend.js';

/** Times of one camera. */
export interface CameraTimes extends TimeCounts {
  readonly camera: string;
  readonly boundsS: readonly number[];
}

/**
 * Adds a histogram with a child for each camera of which something was timed: most cameras of a large system are only
 * looked at now and then, and each child is many samples. A Histogram of prom-client counts by itself; these times were
 * counted where they were taken.
 */
export function addTimes(registry: Registry, name: string, help: string, cameras: readonly CameraTimes[]): void {
  const values = cameras.flatMap((times) => samplesOf(name, times));
  const reading = { name, help, type: 'histogram', aggregator: 'sum', values };
  // A name and get() are all that a registry uses of a metric.
  registry.registerMetric({ name, get: () => Promise.resolve(reading) } as unknown as Histogram);
}

function samplesOf(name: string, { camera, boundsS, counts, sumS }: CameraTimes) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  let below = 0;
  const buckets = counts.map((count, index) => {
    // Prometheus wants each bucket with all that are below it.
    below += count;
    return { metricName: `${name}_bucket`, labels: { le: boundsS[index] ?? '+Inf', camera }, value: below };
  });
  const labels = { camera };
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumS },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
