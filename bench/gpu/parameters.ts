import { loadNativeAddon } from '../../services/native-binding.js';

/** How much is measured. */
export interface Parameters {
  readonly heights: readonly (720 | 1080)[];
  /** Streams at once whose memory is read. */
  readonly streams: readonly number[];
  readonly decoders: readonly number[];
  readonly workers: readonly number[];
  readonly secondsEach: number;
  readonly snapshots: { readonly cold: number; readonly warm: number };
}

const ON_A_CARD: Parameters = {
  heights: [720, 1080],
  streams: [1, 4, 16, 64, 256],
  decoders: [1, 2, 4, 8, 16, 32],
  workers: [1, 2, 4, 8],
  secondsEach: 5,
  snapshots: { cold: 40, warm: 200 },
};

/** Enough to see that every part runs. */
const ON_THE_STAND_IN: Parameters = {
  heights: [720],
  streams: [1, 2],
  decoders: [1, 2],
  workers: [1, 2],
  secondsEach: 0.2,
  snapshots: { cold: 2, warm: 5 },
};

export type Driver = { readonly missing: string } | { readonly name: string; readonly parameters: Parameters };

/** Which driver is measured and how much of it, or why none is. */
export function chooseDriver(): Driver {
  const { cuda, reason, standIn, cudaVersion, jpegLibrary } = loadNativeAddon().driver();
  if (!cuda) return { missing: reason };
  if (standIn) return { name: 'stand-in driver: figures mean nothing', parameters: ON_THE_STAND_IN };
  return { name: `CUDA ${cudaVersion}, ${jpegLibrary}`, parameters: ON_A_CARD };
}
