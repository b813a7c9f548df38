import { FramewellError, RetryLaterError } from '../errors.js';
import { layOutMosaic, type MosaicLayout, type MosaicShape } from './mosaic-layout.js';
import { viewTile, type MosaicCamera, type MosaicTile } from './mosaic-tile.js';

/** Many cameras in one JPEG. */
export interface Mosaic {
  readonly jpeg: Buffer;
  /** When the ages in it were taken, Unix time in milliseconds. */
  readonly drawnAtMs: number;
}

/** Longest that cameras without a new picture may hold up a sheet, all together. */
const WAIT_MS = 1000;
/** Pictures taken at a time: one sheet of cameras that nobody watched must not fill the queue of decodes alone. */
const MOST_AT_ONCE = 8;
/** Different sheets at a time: the largest takes 170 MB while it is drawn. */
const MOST_DRAWN = 4;
/** How long a sheet serves those who ask for the same one. */
const KEPT_MS = 500;

/** Contact sheets. Requests for the same one join one drawing, and it is kept for half a second. */
export class Mosaics {
  readonly #sheets = new Map<string, Promise<Mosaic>>();
  #drawing = 0;

  /**
   * A camera that gives no picture is a tile that says so.
   * @throws FramewellError as layOutMosaic does; RetryLaterError ERR_OVERLOADED
   */
  async get(cameras: readonly MosaicCamera[], shape: MosaicShape): Promise<Mosaic> {
    const layout = layOutMosaic(cameras.length, shape);
    const key = `${layout.width}/${layout.columns}/${cameras.map(({ id }) => id).join()}`;
    return this.#sheets.get(key) ?? this.#start(key, cameras, layout);
  }

  #start(key: string, cameras: readonly MosaicCamera[], layout: MosaicLayout): Promise<Mosaic> {
    if (this.#drawing >= MOST_DRAWN) {
      const message = `Expected fewer than ${MOST_DRAWN} contact sheets in the making`;
      throw new RetryLaterError('ERR_OVERLOADED', message, { retryAfterS: 1 });
    }
    this.#drawing += 1;
    const sheet = drawMosaic(cameras, layout).finally(() => (this.#drawing -= 1));
    this.#sheets.set(key, sheet);
    const forget = () => this.#sheets.delete(key);
    sheet.then(() => setTimeout(forget, KEPT_MS).unref(), forget);
    return sheet;
  }
}

async function drawMosaic(cameras: readonly MosaicCamera[], layout: MosaicLayout): Promise<Mosaic> {
  const tiles = await viewTiles(cameras, layout);
  const drawnAtMs = Date.now();
  try {
    // With the first sheet: what draws takes 80 ms to load, by which the server would start later.
    const { drawSheet } = await import('./mosaic-sheet.js');
    return { jpeg: await drawSheet(tiles, layout, drawnAtMs), drawnAtMs };
  } catch (error) {
    throw new FramewellError('ERR_ENCODE_FAILED', 'The contact sheet could not be drawn', { cause: error });
  }
}

/** In the order of the cameras. */
async function viewTiles(cameras: readonly MosaicCamera[], layout: MosaicLayout): Promise<MosaicTile[]> {
  const request = { width: layout.tileWidth, height: layout.tileHeight, deadlineMs: Date.now() + WAIT_MS };
  const tiles: MosaicTile[] = [];
  // All take from one iterator.
  const remaining = cameras.entries();
  const viewRemaining = async () => {
    for (const [index, camera] of remaining) tiles[index] = await viewTile(camera, request);
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, viewRemaining));
  return tiles;
}
