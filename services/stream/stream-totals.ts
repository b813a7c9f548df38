import type { SessionStatus } from './decode-backend.js';

/** What a camera sent and what became of it, over all its sessions. */
export interface StreamTotals {
  readonly accessUnits: number;
  readonly bytes: number;
  readonly decodedFrames: number;
  /** Times that lost packets or a corrupt access unit held pictures back. */
  readonly losses: number;
  /** RTP packets; absent while no receiver has told. */
  readonly packetsLost?: number;
}

export const NO_TOTALS: StreamTotals = { accessUnits: 0, bytes: 0, decodedFrames: 0, losses: 0 };

/** What there was before, and what this session adds to it. */
export function withSession(before: StreamTotals, { counters, ingest }: SessionStatus): StreamTotals {
  const packetsLost = ingest.packets ? ingest.packets.lost + (before.packetsLost ?? 0) : before.packetsLost;
  return {
    accessUnits: before.accessUnits + counters.accessUnits,
    bytes: before.bytes + counters.bytes,
    decodedFrames: before.decodedFrames + counters.decodedFrames,
    losses: before.losses + counters.losses,
    ...(packetsLost !== undefined && { packetsLost }),
  };
}
