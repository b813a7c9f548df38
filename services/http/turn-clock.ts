/** Times in milliseconds. */
export interface TurnClock {
  /** Never set back; its zero means nothing. */
  now(): number;
  unixMs(): number;
  /** Returns what cancels the call. */
  after(ms: number, call: () => void): () => void;
}

export const systemTurnClock: TurnClock = {
  now: () => performance.now(),
  unixMs: Date.now,
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
