import { FramewellError, ParameterError } from '../errors.js';

/** More is no longer a sheet that anybody looks at, and one request should not set a whole site decoding. */
export const MOST_TILES = 64;

export const MOSAIC_WIDTH = { least: 160, most: 4096, usual: 1280 } as const;

/** Narrower, neither a picture nor its label says anything. */
const LEAST_TILE_WIDTH = 96;
/** With the greatest width: 50 MB of pixels while the sheet is drawn. */
const MOST_HEIGHT = 4096;
/** Between tiles. */
const GAP = 4;

export interface MosaicShape {
  readonly columns?: number | undefined;
  readonly width?: number | undefined;
}

/** Where the tiles of a sheet are, row by row from the top left. All in pixels. */
export interface MosaicLayout {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/**
 * Tiles of 16:9. Near square where `columns` is absent: as many tiles across as down, or one more.
 * @throws FramewellError ERR_BAD_PARAMETER when the tiles would be too many, too small or the sheet too high,
 *   ERR_CAMERA_NOT_FOUND for no camera at all.
 */
export function layOutMosaic(tiles: number, { columns, width = MOSAIC_WIDTH.usual }: MosaicShape): MosaicLayout {
  if (tiles === 0) throw new FramewellError('ERR_CAMERA_NOT_FOUND', 'There is no camera to show');
  if (tiles > MOST_TILES) throw new ParameterError('cameras', `at most ${MOST_TILES} ids`, `${tiles} cameras`);
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST_TILE_WIDTH + GAP)));
  let least = 1;
  while (least <= most && sheetOf(tiles, width, least).height > MOST_HEIGHT) least += 1;
  if (least > most) throw new ParameterError('width', `a width with room for ${tiles} cameras`, `${width}`);
  if (columns !== undefined && (columns < least || columns > most)) {
    const expected = `integer ${least}-${most} (${tiles} cameras in a sheet ${width} pixels wide)`;
    throw new ParameterError('columns', expected, `${columns}`);
  }
  const nearSquare = Math.ceil(Math.sqrt(tiles));
  return sheetOf(tiles, width, columns ?? Math.min(Math.max(nearSquare, least), most));
}

/** The top left corner of a tile. */
export function tilePosition({ columns, tileWidth, tileHeight }: MosaicLayout, index: number) {
  return {
    left: (index % columns) * (tileWidth + GAP),
    top: Math.floor(index / columns) * (tileHeight + GAP),
  };
}

function sheetOf(tiles: number, width: number, columns: number): MosaicLayout {
  const tileWidth = Math.floor((width + GAP) / columns) - GAP;
  const tileHeight = Math.round((tileWidth * 9) / 16);
  const height = Math.ceil(tiles / columns) * (tileHeight + GAP) - GAP;
  return { width, height, columns, tileWidth, tileHeight };
}
