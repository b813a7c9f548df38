import type { Line, Point } from './line.js';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn dashed behind the points. */
  readonly line: Line;
}

export interface PlotOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 50 };
/** A straight line is bent where both axes are logarithmic. */
const LINE_PARTS = 48;
const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37'];

/**
 * An SVG with both axes logarithmic. Each point says its value.
 * All values have to be above 0.
 */
export function plot(series: readonly Series[], { title, x, y }: PlotOptions): string {
  const points = series.flatMap((each) => each.points);
  const xAxis = logarithmicAxis(
    points.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const yAxis = logarithmicAxis(
    points.map(([, value]) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(WIDTH / 2, 22, title, 'middle'),
    text(WIDTH / 2, HEIGHT - 12, x, 'middle'),
    text(8, MARGIN.top - 12, y, 'start'),
    ...xAxis.ticks.flatMap((tick) => [
      line(xAxis.at(tick), MARGIN.top, xAxis.at(tick), HEIGHT - MARGIN.bottom),
      text(xAxis.at(tick), HEIGHT - MARGIN.bottom + 16, String(tick), 'middle'),
    ]),
    ...yAxis.ticks.flatMap((tick) => [
      line(MARGIN.left, yAxis.at(tick), WIDTH - MARGIN.right, yAxis.at(tick)),
      text(MARGIN.left - 6, yAxis.at(tick) + 4, String(tick), 'end'),
    ]),
    ...series.flatMap((each, index) => drawSeries(each, COLOURS[index % COLOURS.length]!, index)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;

  function drawSeries({ name, points: own, line: straight }: Series, colour: string, index: number): string[] {
    const path = pointsOn(straight, own)
      .map(([px, py]) => `${round(xAxis.at(px))},${round(yAxis.at(py))}`)
      .join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-dasharray="6 4"/>`,
      ...own.flatMap(([px, py]) => [
        `<circle cx="${round(xAxis.at(px))}" cy="${round(yAxis.at(py))}" r="3.5" fill="${colour}"/>`,
        text(xAxis.at(px) - 6, yAxis.at(py) - 8, String(Number(py.toPrecision(3))), 'middle', colour),
      ]),
      text(MARGIN.left + 10, MARGIN.top + 18 + 16 * index, name, 'start', colour),
    ];
  }
}

/** From the first of the points to the last; without what is below 0, which has no place on the axis. */
function pointsOn({ base, slope }: Line, points: readonly Point[]): Point[] {
  const [first, last] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))];
  return Array.from({ length: LINE_PARTS + 1 }, (_, part) => {
    const x = first * (last / first) ** (part / LINE_PARTS);
    return [x, base + slope * x] as const;
  }).filter(([, y]) => y > 0);
}

/** From the power of ten below the least value to the one above the greatest. */
function logarithmicAxis(values: readonly number[], begin: number, end: number) {
  const least = Math.floor(Math.log10(Math.min(...values)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: most - least + 1 }, (_, index) => Number(`1e${least + index}`));
  return { ticks, at: (value: number) => begin + ((Math.log10(value) - least) / (most - least)) * (end - begin) };
}

function text(x: number, y: number, content: string, anchor: string, colour = '#1f2328'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [from, to] = [`x1="${round(x1)}" y1="${round(y1)}"`, `x2="${round(x2)}" y2="${round(y2)}"`];
  return `<line ${from} ${to} stroke="#d0d7de"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
