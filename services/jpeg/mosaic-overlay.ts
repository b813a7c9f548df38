import { formatSpan } from '../time-span.js';
import { tilePosition, type MosaicLayout } from './mosaic-layout.js';
import type { MosaicTile } from './mosaic-tile.js';
import { escapeXml, fitText, widthInEm, wrapText } from './svg-text.js';

const FONT = 'DejaVu Sans, sans-serif';
const LEAST_FONT_SIZE = 9;
const MOST_FONT_SIZE = 28;
/** Dark enough over a white wall to be taken for no live picture, light enough to recognise the place. */
const DIM_OPACITY = 0.8;
const COLOURS = { ground: '#14171c', text: '#ffffff', quiet: '#c3c9d2', down: '#ff6b5e', starting: '#f2c14e' } as const;

/** Everything of the sheet that is no picture, as one SVG to lie over the pictures. Ages are as of `nowMs`. */
export function drawOverlay(tiles: readonly MosaicTile[], layout: MosaicLayout, nowMs: number): string {
  const drawn = tiles.map((tile, index) => {
    const { left, top } = tilePosition(layout, index);
    // An inner <svg> clips, so that nothing of a tile lies over its neighbour.
    const frame = `x="${left}" y="${top}" width="${layout.tileWidth}" height="${layout.tileHeight}"`;
    return `<svg ${frame}>${drawTile(tile, layout, nowMs)}</svg>`;
  });
  const size = `width="${layout.width}" height="${layout.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FONT}">${drawn.join('')}</svg>`;
}

function drawTile(tile: MosaicTile, layout: MosaicLayout, nowMs: number): string {
  if (tile.kind === 'live') {
    return drawLabel(tile.name, { text: formatSpan(nowMs - tile.picture.receivedAtMs), colour: COLOURS.text }, layout);
  }
  const colour = tile.cause ? COLOURS.down : COLOURS.starting;
  const age = tile.last ? describeLast(nowMs - tile.last.receivedAtMs, layout.tileWidth) : 'no picture';
  return drawReason(tile, colour, layout) + drawLabel(tile.name, { text: age, colour }, layout);
}

/** How long ago the last picture came; in few words where many would leave no room for the name. */
function describeLast(ageMs: number, tileWidth: number): string {
  const span = formatSpan(ageMs);
  const words = `last ${span} ago`;
  return widthInEm(words) * fontSizeOf(tileWidth) <= tileWidth / 2 ? words : span;
}

/** The bar at the foot of a tile: the name, and on the right how old the picture is. */
function drawLabel(
  name: string,
  age: { readonly text: string; readonly colour: string },
  { tileWidth, tileHeight }: MosaicLayout,
): string {
  const fontSize = fontSizeOf(tileWidth);
  const padding = fontSize / 2;
  const barHeight = barHeightOf(tileWidth);
  const ageLeft = tileWidth - padding - widthInEm(age.text) * fontSize;
  const shownName = fitText(name, (ageLeft - 2 * padding) / fontSize);
  const baseline = tileHeight - barHeight / 2 + fontSize * 0.36;
  return (
    `<rect y="${tileHeight - barHeight}" width="${tileWidth}" height="${barHeight}" fill="#000" fill-opacity="0.65"/>` +
    `<svg width="${Math.max(0, ageLeft - padding)}" height="${tileHeight}">` +
    drawText(shownName, { x: padding, y: baseline, fontSize, fill: COLOURS.text }) +
    `</svg>` +
    drawText(age.text, { x: tileWidth - padding, y: baseline, fontSize, fill: age.colour, anchor: 'end' })
  );
}

/** Why there is no live picture, over the dimmed last one or on a dark ground. */
function drawReason(
  { state, cause, last }: MosaicTile & { kind: 'down' },
  colour: string,
  { tileWidth, tileHeight }: MosaicLayout,
): string {
  const fontSize = fontSizeOf(tileWidth);
  const lineHeight = fontSize * 1.4;
  const room = Math.floor((tileHeight - barHeightOf(tileWidth)) / lineHeight);
  const mostEm = tileWidth / fontSize - 1;
  const words = cause ? wrapText(cause.message, mostEm, Math.min(3, room - 2)) : [];
  const lines = [
    { text: fitText(state, mostEm), fill: colour },
    ...words.map((text) => ({ text, fill: COLOURS.text })),
    ...(cause ? [{ text: cause.code, fill: COLOURS.quiet }] : []),
  ];
  const firstBaseline = (tileHeight - barHeightOf(tileWidth) - lines.length * lineHeight) / 2 + fontSize;
  const drawn = lines.map(({ text, fill }, index) =>
    drawText(text, { x: tileWidth / 2, y: firstBaseline + index * lineHeight, fontSize, fill, anchor: 'middle' }),
  );
  const ground = `fill="${COLOURS.ground}" fill-opacity="${last ? DIM_OPACITY : 1}"`;
  return (
    `<rect width="${tileWidth}" height="${tileHeight}" ${ground}/>` +
    `<rect width="${tileWidth}" height="${Math.max(2, Math.round(fontSize / 5))}" fill="${colour}"/>` +
    drawn.join('')
  );
}

interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly fontSize: number;
  readonly fill: string;
  readonly anchor?: 'middle' | 'end';
}

function drawText(text: string, { x, y, fontSize, fill, anchor }: TextStyle): string {
  const place = `x="${x}" y="${y}"${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text ${place} font-size="${fontSize}" fill="${fill}">${escapeXml(text)}</text>`;
}

function fontSizeOf(tileWidth: number): number {
  return Math.min(Math.max(Math.round(tileWidth / 30), LEAST_FONT_SIZE), MOST_FONT_SIZE);
}

function barHeightOf(tileWidth: number): number {
  return Math.round(fontSizeOf(tileWidth) * 1.7);
}
