import { table } from './report.js';

/** A figure and what it should be. */
export interface Goal {
  readonly what: string;
  /** Undefined where there was nothing to measure. */
  readonly measured: number | undefined;
  readonly bound: { readonly most: number } | { readonly least: number };
  readonly unit: string;
}

export function atMost(most: number, unit: string, what: string, measured: number | undefined): Goal {
  return { what, measured, bound: { most }, unit };
}

export function atLeast(least: number, unit: string, what: string, measured: number | undefined): Goal {
  return { what, measured, bound: { least }, unit };
}

/** A table that has each figure beside its goal. */
export function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'asked', 'measured', ''],
    goals.map((goal) => {
      const { what, measured, bound, unit } = goal;
      const asked = 'most' in bound ? `at most ${shown(bound.most, unit)}` : `at least ${shown(bound.least, unit)}`;
      return [what, asked, measured === undefined ? '-' : shown(measured, unit), verdictOn(goal)];
    }),
  );
}

export function verdictOn({ measured, bound }: Goal): string {
  if (measured === undefined) return 'not measured';
  const reached = 'most' in bound ? measured <= bound.most : measured >= bound.least;
  return reached ? 'reached' : '**missed**';
}

/** Three digits, which is more than runs agree in, and all of what is larger. */
function shown(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return unit === '' ? digits : `${digits} ${unit}`;
}
