/** The value below which a share `p` (0 to 1) of the values lies; nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))]!;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Percentiles for a table, as `1.2 / 34`; `-` where there are no values. */
export function shownPercentiles(values: readonly number[], ...shares: readonly number[]): string {
  if (values.length === 0) return '-';
  return shares.map((p) => shown(percentile(values, p))).join(' / ');
}

function shown(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
