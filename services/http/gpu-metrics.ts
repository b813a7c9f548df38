import { Counter, Gauge, type Registry } from 'prom-client';
import type { GpuStatus } from '../stream/decode-backend.js';

interface GpuMetric {
  readonly name: string;
  readonly help: string;
  /** Undefined: the driver does not tell, and no sample is given rather than a zero. */
  readonly value: (gpu: GpuStatus) => number | undefined;
}

const GAUGES: readonly GpuMetric[] = [
  { name: 'up', help: '1 while the card can be used', value: (gpu) => (gpu.unavailable === undefined ? 1 : 0) },
  { name: 'decoders', help: 'Cameras that the card decodes now', value: (gpu) => gpu.decoders },
  { name: 'memory_free_bytes', help: 'Of the whole card', value: (gpu) => gpu.memoryFreeBytes },
  { name: 'memory_used_bytes', help: 'Of the whole card, by whomever', value: usedBytes },
  { name: 'memory_of_process_bytes', help: "This process's share", value: (gpu) => gpu.memoryOfProcessBytes },
  {
    name: 'utilization_ratio',
    help: 'Share of the last sample period in which a kernel ran',
    value: ({ utilizationPercent }) => ratio(utilizationPercent),
  },
  {
    name: 'decoder_utilization_ratio',
    help: 'Share of the last sample period in which NVDEC was busy',
    value: ({ decoderPercent }) => ratio(decoderPercent),
  },
  {
    name: 'encoder_utilization_ratio',
    help: 'Share of the last sample period in which NVENC was busy; nvJPEG is among the kernels',
    value: ({ encoderPercent }) => ratio(encoderPercent),
  },
  { name: 'temperature_celsius', help: 'Of the chip', value: (gpu) => gpu.temperatureCelsius },
];

const COUNTERS: readonly GpuMetric[] = [
  { name: 'losses_total', help: 'Times that the card was lost and taken anew', value: (gpu) => gpu.timesLost },
  {
    name: 'encodes_on_cpu_total',
    help: 'Pictures that nvJPEG failed on, and that the CPU encoded',
    value: (gpu) => gpu.encodesOnCpu,
  },
];

const PREFIX = 'framewell_gpu_';

/** Adds what GET /gpu says of the cards; nothing where there are none. */
export function collectGpuMetrics(registry: Registry, gpus: readonly GpuStatus[]): void {
  if (gpus.length === 0) return;
  const options = (metric: GpuMetric) => ({
    name: PREFIX + metric.name,
    help: metric.help,
    labelNames: ['gpu'],
    registers: [registry],
  });
  for (const metric of GAUGES) {
    const gauge = new Gauge(options(metric));
    for (const [gpu, value] of samples(gpus, metric)) gauge.set({ gpu }, value);
  }
  for (const metric of COUNTERS) {
    const counter = new Counter(options(metric));
    for (const [gpu, value] of samples(gpus, metric)) counter.inc({ gpu }, value);
  }
}

function samples(gpus: readonly GpuStatus[], { value }: GpuMetric): [gpu: number, value: number][] {
  return gpus.flatMap((gpu) => {
    const number = value(gpu);
    return number === undefined ? [] : [[gpu.id, number]];
  });
}

function usedBytes({ memoryTotalBytes, memoryFreeBytes }: GpuStatus): number | undefined {
  return memoryTotalBytes === undefined || memoryFreeBytes === undefined
    ? undefined
    : memoryTotalBytes - memoryFreeBytes;
}

function ratio(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}
