import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectEngineMetrics } from '../../services/http/engine-metrics.js';
import { addTimes } from '../../services/http/time-metrics.js';

async function samplesOf(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'));
}

test('Prometheus is told of the pool', async () => {
  const registry = new Registry();
  collectEngineMetrics(registry, { work: { threads: 4, queued: 7 } });
  assert.deepEqual(await samplesOf(registry), [
    '# TYPE framewell_work_threads gauge',
    'framewell_work_threads 4',
    '# TYPE framewell_work_queue_length gauge',
    'framewell_work_queue_length 7',
  ]);
});

test('times of a camera become a histogram whose buckets add up; a camera without any has no samples', async () => {
  const registry = new Registry();
  const boundsS = [0.001, 0.004];
  addTimes(registry, 'decode_seconds', 'Of each access unit', [
    { camera: 'front', boundsS, counts: [3, 2, 1], sumS: 1.5 },
    { camera: 'idle', boundsS, counts: [0, 0, 0], sumS: 0 },
    { camera: 'yard', boundsS, counts: [0, 0, 1], sumS: 2 },
  ]);
  assert.deepEqual(await samplesOf(registry), [
    '# TYPE decode_seconds histogram',
    'decode_seconds_bucket{le="0.001",camera="front"} 3',
    'decode_seconds_bucket{le="0.004",camera="front"} 5',
    'decode_seconds_bucket{le="+Inf",camera="front"} 6',
    'decode_seconds_sum{camera="front"} 1.5',
    'decode_seconds_count{camera="front"} 6',
    'decode_seconds_bucket{le="0.001",camera="yard"} 0',
    'decode_seconds_bucket{le="0.004",camera="yard"} 0',
    'decode_seconds_bucket{le="+Inf",camera="yard"} 1',
    'decode_seconds_sum{camera="yard"} 2',
    'decode_seconds_count{camera="yard"} 1',
  ]);
});
