// Below this width a picture says too little; the grid scrolls instead.
const LEAST_TILE_WIDTH = 280;

// Four by two looks better than three by three with a hole, even if its tiles are a little smaller.
const EMPTINESS_COST = 0.5;

/**
 * The width of tile, in CSS pixels, at which all tiles are seen at once and are as large as can be, and how many
 * stand side by side, with few holes; undefined when they are too many for that.
 * @param {number} count
 * @param {{ width: number, height: number }} space
 * @param {{ gap: number, captionHeight: number }} measures
 */
export function fitTiles(count, space, { gap, captionHeight }) {
  let best = { across: 1, width: 0, worth: 0 };
  for (let across = 1; across <= count; across++) {
    const rows = Math.ceil(count / across);
    const widest = (space.width - gap * (across - 1)) / across;
    const pictureHeight = (space.height - gap * (rows - 1)) / rows - captionHeight;
    const width = Math.floor(Math.min(widest, (pictureHeight * 16) / 9));
    const worth = width * (1 - EMPTINESS_COST * (1 - count / (rows * across)));
    if (worth > best.worth) best = { across, width, worth };
  }
  return best.width < Math.min(LEAST_TILE_WIDTH, space.width) ? undefined : best;
}
