import type { FastifyInstance } from 'fastify';
import type { EngineUse, GpuStatus } from '../stream/decode-backend.js';
import { errors } from './error-responses.js';

export interface GpuSource {
  /** The engine that was chosen at the start. */
  readonly engine: EngineUse;
  gpuStatus(): Promise<readonly GpuStatus[]>;
}

const percent = { type: 'integer', description: 'Of the last sample period; absent without NVML' };

const gpuSchema = {
  type: 'object',
  description: 'The engine and why, and each card',
  required: ['engine', 'gpus'],
  properties: {
    engine: {
      type: 'object',
      required: ['name', 'reason'],
      properties: { name: { type: 'string', enum: ['cpu', 'cuda'] }, reason: { type: 'string' } },
    },
    gpus: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'name', 'pciBusId', 'contextUsers', 'decoders', 'timesLost', 'encodesOnCpu'],
        properties: {
          id: { type: 'integer', description: "The driver's number" },
          name: { type: 'string' },
          pciBusId: { type: 'string' },
          unavailable: { type: 'string', description: 'Why the card is not in use now' },
          contextUsers: { type: 'integer', description: 'Decoders, frames and encoders that hold the one context' },
          decoders: { type: 'integer' },
          timesLost: { type: 'integer' },
          encodesOnCpu: { type: 'integer', description: 'Pictures that nvJPEG failed on, and that the CPU encoded' },
          encodeFailure: { type: 'string', description: 'Why, the last time' },
          driverVersion: { type: 'string' },
          memoryFreeBytes: { type: 'integer' },
          memoryTotalBytes: { type: 'integer' },
          memoryOfProcessBytes: { type: 'integer', description: "This process's share; absent where NVML cannot tell" },
          utilizationPercent: percent,
          decoderPercent: percent,
          encoderPercent: percent,
          temperatureCelsius: { type: 'integer' },
        },
      },
    },
  },
};

/** GET /gpu: the cards in use and how they do. */
export function addGpuRoute(app: FastifyInstance, gpus: GpuSource): void {
  const schema = {
    summary: 'The cards in use and how they do',
    tags: ['operation'],
    response: { 200: gpuSchema, ...errors() },
  };
  app.get('/gpu', { schema }, async (_request, reply) => {
    reply.header('Cache-Control', 'no-store');
    return { engine: gpus.engine, gpus: await gpus.gpuStatus() };
  });
}
