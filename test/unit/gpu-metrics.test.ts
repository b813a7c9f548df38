import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectGpuMetrics } from '../../services/http/gpu-metrics.js';
import type { GpuStatus } from '../../services/stream/decode-backend.js';
import { FULL_GPU } from '../support/full-gpu.js';
import { startTestApp } from '../support/test-app.js';

const LOST: GpuStatus = {
  id: 1,
  name: 'A card that tells little',
  pciBusId: '0000:02:00.0',
  unavailable: 'GPU 1 was lost',
  contextUsers: 0,
  decoders: 0,
  timesLost: 2,
  encodesOnCpu: 0,
};

async function samplesOf(gpus: readonly GpuStatus[]): Promise<string[]> {
  const registry = new Registry();
  collectGpuMetrics(registry, gpus);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('each card is told to Prometheus, as far as its driver tells', async () => {
  assert.deepEqual(await samplesOf([FULL_GPU, LOST]), [
    'framewell_gpu_up{gpu="0"} 1',
    'framewell_gpu_up{gpu="1"} 0',
    'framewell_gpu_decoders{gpu="0"} 3',
    'framewell_gpu_decoders{gpu="1"} 0',
    'framewell_gpu_memory_free_bytes{gpu="0"} 700',
    'framewell_gpu_memory_used_bytes{gpu="0"} 300',
    'framewell_gpu_memory_of_process_bytes{gpu="0"} 250',
    'framewell_gpu_utilization_ratio{gpu="0"} 0.12',
    'framewell_gpu_decoder_utilization_ratio{gpu="0"} 0.34',
    'framewell_gpu_encoder_utilization_ratio{gpu="0"} 0',
    'framewell_gpu_temperature_celsius{gpu="0"} 45',
    'framewell_gpu_losses_total{gpu="0"} 0',
    'framewell_gpu_losses_total{gpu="1"} 2',
    'framewell_gpu_encodes_on_cpu_total{gpu="0"} 5',
    'framewell_gpu_encodes_on_cpu_total{gpu="1"} 0',
  ]);
});

test('without a card there are no such metrics at all', async () => {
  assert.deepEqual(await samplesOf([]), []);
});

test('cards are no concern of who may see some cameras only', async (t) => {
  const apiTokens = 'all:viewer:*:token-of-everyone,one:viewer:front:token-of-the-front';
  const { app } = await startTestApp(t, { apiTokens, gpus: [FULL_GPU] });
  const metrics = async (token: string) => {
    const answer = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.statusCode, 200);
    return answer.body;
  };
  assert.match(await metrics('token-of-everyone'), /^framewell_gpu_up\{gpu="0"\} 1$/m);
  assert.doesNotMatch(await metrics('token-of-the-front'), /framewell_gpu/);
});
