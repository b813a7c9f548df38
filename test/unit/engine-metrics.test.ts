import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectEngineMetrics } from '../../services/http/engine-metrics.js';

test('the engine is told to Prometheus: the pool, and histograms whose buckets add up', async () => {
  const registry = new Registry();
  collectEngineMetrics(registry, {
    work: { threads: 4, queued: 7 },
    decodeTimes: {
      buckets: [
        { upToS: 0.001, count: 3 },
        { upToS: 0.0025, count: 2 },
        { upToS: Infinity, count: 1 },
      ],
      sumS: 1.5,
    },
    encodeTimes: { buckets: [{ upToS: Infinity, count: 0 }], sumS: 0 },
  });
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'));
  assert.deepEqual(lines, [
    '# TYPE framewell_work_threads gauge',
    'framewell_work_threads 4',
    '# TYPE framewell_work_queue_length gauge',
    'framewell_work_queue_length 7',
    '# TYPE framewell_decode_seconds histogram',
    'framewell_decode_seconds_bucket{le="0.001"} 3',
    'framewell_decode_seconds_bucket{le="0.0025"} 5',
    'framewell_decode_seconds_bucket{le="+Inf"} 6',
    'framewell_decode_seconds_sum 1.5',
    'framewell_decode_seconds_count 6',
    '# TYPE framewell_encode_seconds histogram',
    'framewell_encode_seconds_bucket{le="+Inf"} 0',
    'framewell_encode_seconds_sum 0',
    'framewell_encode_seconds_count 0',
  ]);
});
