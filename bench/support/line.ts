export type Point = readonly [x: number, y: number];

/** y = base + slope * x. */
export interface Line {
  readonly base: number;
  readonly slope: number;
  /** How far the points are from it at most, as a share of their own y. */
  readonly furthest: number;
}

/**
 * The straight line that is nearest to points by their relative distance, least squares: on a scale from 1 to 1000 the
 * absolute one would be about the last point alone. At least two points, all y above 0.
 */
export function lineThrough(points: readonly Point[]): Line {
  const sum = (of: (x: number, y: number) => number): number =>
    points.reduce((total, [x, y]) => total + of(x, y) / y ** 2, 0);
  const [ones, xs, ys] = [sum(() => 1), sum((x) => x), sum((_x, y) => y)];
  const slope = (ones * sum((x, y) => x * y) - xs * ys) / (ones * sum((x) => x ** 2) - xs ** 2);
  const base = (ys - slope * xs) / ones;
  return { base, slope, furthest: Math.max(...points.map(([x, y]) => Math.abs(base + slope * x - y) / y)) };
}
