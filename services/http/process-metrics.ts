import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * How often the event loop is looked at. Each time wakes the process: at prom-client's 10 ms that was a third of what it
 * took with eight idle cameras. A delay that is longer than this is always seen, a shorter one as often as it is long.
 */
const LOOK_MS = 100;

/** prom-client's own look, which cannot be left out. */
const HARDLY_EVER_MS = 24 * 3_600_000;

const LOOK_NS = LOOK_MS * 1e6;

/** Of prom-client's metrics those that its look fills, in nanoseconds; what is recorded holds the interval as well. */
const LOOP_DELAYS: readonly (readonly [statistic: string, read: (delays: IntervalHistogram) => number])[] = [
  ['min', ({ min }) => min - LOOK_NS],
  ['max', ({ max }) => max - LOOK_NS],
  ['mean', ({ mean }) => mean - LOOK_NS],
  ['stddev', ({ stddev }) => stddev],
  ['p50', (delays) => delays.percentile(50) - LOOK_NS],
  ['p90', (delays) => delays.percentile(90) - LOOK_NS],
  ['p99', (delays) => delays.percentile(99) - LOOK_NS],
];

/** Processor time, memory, garbage collection, event-loop delay; and the native engine's threads with the others. */
export function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: HARDLY_EVER_MS });
  watchEventLoop(registry);
  new Gauge({
    name: 'framewell_threads',
    help: 'Threads of the process',
    registers: [registry],
    async collect() {
      this.set((await readdir('/proc/self/task')).length);
    },
  });
  return registry;
}

/** In place of prom-client's, under its names, but without the interval, which its own hold. */
function watchEventLoop(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
  delays.enable();
  LOOP_DELAYS.forEach(([statistic, read], index) => {
    const name = `nodejs_eventloop_lag_${statistic}_seconds`;
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: `Delay of the event loop since the last scrape: ${statistic}`,
      registers: [registry],
      collect() {
        this.set(delays.count === 0 ? 0 : Math.max(0, read(delays)) / 1e9);
        // A registry collects in one go, in the order of registration.
        if (index === LOOP_DELAYS.length - 1) delays.reset();
      },
    });
  });
}
