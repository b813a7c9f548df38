import sharp from 'sharp';
import { tilePosition, type MosaicLayout } from './mosaic-layout.js';
import { drawOverlay } from './mosaic-overlay.js';
import type { MosaicTile } from './mosaic-tile.js';

const QUALITY = 80;
const GROUND = '#2a2f37';

/** A contact sheet as a JPEG, with ages as of `nowMs`. Runs on libuv's threads. Throws what sharp throws. */
export async function drawSheet(tiles: readonly MosaicTile[], layout: MosaicLayout, nowMs: number): Promise<Buffer> {
  const placed = tiles.map(async (tile, index) => {
    const picture = tile.kind === 'live' ? tile.picture : tile.last;
    return picture ? [await placePicture(picture.jpeg, layout, index)] : [];
  });
  const pictures = (await Promise.all(placed)).flat();
  const overlay = { input: Buffer.from(drawOverlay(tiles, layout, nowMs)), left: 0, top: 0 };
  const { width, height } = layout;
  return sharp({ create: { width, height, channels: 3, background: GROUND } })
    .composite([...pictures, overlay])
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

/** In the middle of its tile: pictures of another shape leave room at the sides, small ones all around. */
async function placePicture(jpeg: Buffer, layout: MosaicLayout, index: number) {
  const { width, height } = await sharp(jpeg).metadata();
  const { left, top } = tilePosition(layout, index);
  return {
    input: jpeg,
    left: left + Math.floor((layout.tileWidth - width) / 2),
    top: top + Math.floor((layout.tileHeight - height) / 2),
  };
}
