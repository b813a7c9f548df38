import type { GpuStatus } from '../../services/stream/decode-backend.js';

/** With everything that a card may tell. */
export const FULL_GPU: GpuStatus = {
  id: 0,
  name: 'A card that tells all',
  pciBusId: '0000:01:00.0',
  contextUsers: 4,
  decoders: 3,
  timesLost: 0,
  encodesOnCpu: 5,
  memoryFreeBytes: 700,
  memoryTotalBytes: 1000,
  memoryOfProcessBytes: 250,
  utilizationPercent: 12,
  decoderPercent: 34,
  encoderPercent: 0,
  temperatureCelsius: 45,
};
