import { StreamError } from '../errors.js';
import { loadNativeAddon, type NativeDriver } from '../native-binding.js';
import type { EngineMode, EngineName } from './decode-backend.js';

export interface EngineChoice {
  readonly name: EngineName;
  /** Why, in words for a person. */
  readonly reason: string;
  /** The driver's numbers of the cards that cameras are spread over; empty on the CPU. */
  readonly gpus: readonly number[];
  /** NVIDIA's libraries are replaced by the double that the tests bring along. */
  readonly standIn: boolean;
}

/**
 * @param gpuIds the cards that may be used
 * @throws StreamError ERR_NATIVE_LOAD; ERR_GPU_UNAVAILABLE in mode `cuda` without a card, saying what is missing
 */
export function chooseEngine(mode: EngineMode, gpuIds: readonly number[]): EngineChoice {
  if (mode === 'cpu') return onCpu('ENGINE=cpu');
  const driver = loadNativeAddon().driver();
  const missing = missingFor(driver, gpuIds);
  if (missing === undefined) {
    const name = driver.standIn ? 'Stand-in driver (test double)' : `NVIDIA's driver for CUDA ${versionText(driver)}`;
    const reason = `${name}, ${driver.jpegLibrary}, GPU ${gpuIds.join(', ')}`;
    return { name: 'cuda', reason, gpus: gpuIds, standIn: driver.standIn };
  }
  if (mode === 'cuda') throw new StreamError('ERR_GPU_UNAVAILABLE', `ENGINE=cuda: ${missing}`);
  return onCpu(missing);
}

function onCpu(reason: string): EngineChoice {
  return { name: 'cpu', reason, gpus: [], standIn: false };
}

function missingFor({ cuda, reason, devices }: NativeDriver, gpuIds: readonly number[]): string | undefined {
  if (!cuda) return reason;
  const unknown = gpuIds.find((id) => id >= devices);
  return unknown === undefined ? undefined : `Expected a GPU below ${devices} but received ${unknown}`;
}

function versionText({ cudaVersion }: NativeDriver): string {
  return `${Math.floor(cudaVersion / 1000)}.${(cudaVersion % 1000) / 10}`;
}
