import { Gauge, type Histogram, type Registry } from 'prom-client';
import type { EngineStatus, TimeHistogram } from '../stream/decode-backend.js';

const PREFIX = 'framewell_';

/** Adds what Prometheus is told of the engine: what it does for all cameras together. */
export function collectEngineMetrics(registry: Registry, { work, decodeTimes, encodeTimes }: EngineStatus): void {
  const gauges = [
    { name: 'work_threads', help: 'Threads that decode and encode', value: work.threads },
    { name: 'work_queue_length', help: 'Decodes and encodes that wait for a thread', value: work.queued },
  ];
  for (const { name, help, value } of gauges) {
    new Gauge({ name: PREFIX + name, help, registers: [registry] }).set(value);
  }
  addHistogram(registry, 'decode_seconds', 'Of each access unit', decodeTimes);
  addHistogram(registry, 'encode_seconds', 'Of each JPEG that was made', encodeTimes);
}

/** A Histogram of prom-client counts by itself; these times were counted where they were taken. */
function addHistogram(registry: Registry, ownName: string, help: string, { buckets, sumS }: TimeHistogram): void {
  const name = PREFIX + ownName;
  let count = 0;
  const values = buckets.map((bucket) => {
    count += bucket.count;
    // Prometheus wants each bucket with all that are below it.
    const le = bucket.upToS === Infinity ? '+Inf' : bucket.upToS;
    return { metricName: `${name}_bucket`, labels: { le }, value: count };
  });
  values.push(sample(`${name}_sum`, sumS), sample(`${name}_count`, count));
  const reading = { name, help, type: 'histogram', aggregator: 'sum', values };
  // A name and get() are all that a registry uses of a metric.
  registry.registerMetric({ name, get: () => Promise.resolve(reading) } as unknown as Histogram);
}

function sample(metricName: string, value: number) {
  return { metricName, labels: {} as { le: string | number }, value };
}
