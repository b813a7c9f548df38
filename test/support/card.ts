import type { StreamDecoderFactory } from '../../index.js';
import { loadNativeAddon } from '../../services/native-binding.js';

/** Why no card can be tested, or undefined. */
export function missingCard(): string | undefined {
  const { cuda, reason } = loadNativeAddon().driver();
  return cuda ? undefined : `no card: ${reason}`;
}

/** What runs on the stand-in driver runs to show that it can run. */
export function isStandIn(): boolean {
  return loadNativeAddon().driver().standIn;
}

/** For a title: what the figures of this run are worth. */
export function drivenBy(): string {
  return isStandIn() ? 'stand-in driver: figures mean nothing' : "NVIDIA's driver";
}

/**
 * Bytes that are taken on the card: this process's where the driver tells, else everybody's. Zero before the engine's
 * context is there.
 */
export async function bytesOnCard(factory: StreamDecoderFactory): Promise<number> {
  const [gpu] = await factory.gpuStatus();
  if (gpu?.memoryTotalBytes === undefined || gpu.memoryFreeBytes === undefined) return 0;
  return gpu.memoryOfProcessBytes ?? gpu.memoryTotalBytes - gpu.memoryFreeBytes;
}
