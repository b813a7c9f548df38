export interface Slope {
  /** Change in an hour. */
  readonly perHour: number;
  /** Half of the interval that holds the true slope with 95 %, were the samples independent. */
  readonly uncertainty: number;
}

/** The straight line nearest to the samples by least squares. Times in milliseconds; at least three samples. */
export function slopeOf(samples: readonly { readonly atMs: number; readonly value: number }[]): Slope {
  const hours = samples.map(({ atMs }) => atMs / 3_600_000);
  const values = samples.map(({ value }) => value);
  const [meanHour, meanValue] = [mean(hours), mean(values)];
  const spread = sum(hours.map((hour) => (hour - meanHour) ** 2));
  const perHour = sum(hours.map((hour, i) => (hour - meanHour) * (values[i]! - meanValue))) / spread;
  const residuals = values.map((value, i) => value - meanValue - perHour * (hours[i]! - meanHour));
  const variance = sum(residuals.map((residual) => residual ** 2)) / (samples.length - 2);
  return { perHour, uncertainty: 1.96 * Math.sqrt(variance / spread) };
}

/** Whether no slope at all would give such samples too. */
export function isFlat({ perHour, uncertainty }: Slope): boolean {
  return Math.abs(perHour) <= uncertainty;
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
