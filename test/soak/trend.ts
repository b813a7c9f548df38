export interface Sample {
  /** By any clock, in milliseconds. */
  readonly atMs: number;
  readonly value: number;
}

/** The straight line through samples. */
export interface Trend {
  /** Change in an hour. */
  readonly perHour: number;
  /** Half of the interval around `perHour` that holds the true slope with CONFIDENCE; Infinity for too few samples. */
  readonly margin: number;
}

/** Two-sided: one time in a hundred, what does not change at all shows a slope beyond its margin. */
export const CONFIDENCE = 0.99;
/** The normal distribution's quantile for it. */
const NORMAL_QUANTILE = 2.5758;
/** Below it the series of `studentQuantile` is off by more than a percent. */
const LEAST_FREEDOM = 3;
const HOUR_MS = 3_600_000;

/**
 * The line that is nearest to the samples by least squares. What a process holds changes slowly, so neighbouring
 * samples tell partly the same: their number is reduced by the correlation of each residual with the one before, as for
 * a first-order autoregressive process (Santer et al. 2000, J. Geophys. Res. 105, 7337-7356, equations 3-6).
 * Samples have to be in order and evenly spaced.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const hours = samples.map(({ atMs }) => atMs / HOUR_MS);
  const meanHour = mean(hours);
  const meanValue = mean(samples.map(({ value }) => value));
  const spread = sum(hours.map((hour) => (hour - meanHour) ** 2));
  const perHour = sum(samples.map(({ value }, i) => (hours[i]! - meanHour) * (value - meanValue))) / spread;
  const residuals = samples.map(({ value }, i) => value - meanValue - perHour * (hours[i]! - meanHour));
  const freedom = independent(residuals) - 2;
  if (!(freedom >= LEAST_FREEDOM)) return { perHour, margin: Infinity };
  const variance = sum(residuals.map((residual) => residual ** 2)) / freedom;
  return { perHour, margin: studentQuantile(freedom) * Math.sqrt(variance / spread) };
}

/** How many of the samples would tell as much if they were independent. */
function independent(residuals: readonly number[]): number {
  const squares = sum(residuals.map((residual) => residual ** 2));
  if (squares === 0) return residuals.length;
  const products = sum(residuals.slice(1).map((residual, i) => residual * residuals[i]!));
  const correlation = Math.max(0, products / squares);
  return (residuals.length * (1 - correlation)) / (1 + correlation);
}

/** Student's t for CONFIDENCE, by its expansion around the normal quantile (Abramowitz and Stegun 26.7.5). */
export function studentQuantile(freedom: number): number {
  const z = NORMAL_QUANTILE;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((quantile, term, i) => quantile + term / freedom ** (i + 1), z);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
