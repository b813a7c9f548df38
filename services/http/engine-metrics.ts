import { Gauge, type Registry } from 'prom-client';
import type { EngineStatus } from '../stream/decode-backend.js';

const PREFIX = 'framewell_work_';

/** Adds what Prometheus is told of the engine: what it does for all cameras together. */
export function collectEngineMetrics(registry: Registry, { work }: EngineStatus): void {
  const gauges = [
    { name: 'threads', help: 'Threads that decode and encode', value: work.threads },
    { name: 'queue_length', help: 'Decodes and encodes that wait for a thread', value: work.queued },
  ];
  for (const { name, help, value } of gauges) {
    new Gauge({ name: PREFIX + name, help, registers: [registry] }).set(value);
  }
}
