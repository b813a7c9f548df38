import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { layOutMosaic, MOST_TILES, tilePosition, type MosaicShape } from '../../services/jpeg/mosaic-layout.js';

describe('columns are near square unless asked for otherwise', () => {
  const cases: [tiles: number, shape: MosaicShape, columns: number, size: string, tile: string][] = [
    [1, {}, 1, '1280x720', '1280x720'],
    [2, {}, 2, '1280x359', '638x359'],
    [3, {}, 2, '1280x722', '638x359'],
    [5, {}, 3, '1280x482', '424x239'],
    [9, {}, 3, '1280x725', '424x239'],
    [10, {}, 4, '1280x542', '317x178'],
    [64, {}, 8, '1280x732', '156x88'],
    [64, { width: 4096 }, 8, '4096x2316', '508x286'],
    [3, { columns: 3 }, 3, '1280x239', '424x239'],
    [3, { columns: 6, width: 640 }, 6, '640x58', '103x58'],
    // Tiles too narrow for their labels are spared by fewer columns.
    [25, { width: 320 }, 3, '320x563', '104x59'],
  ];
  for (const [tiles, shape, columns, size, tile] of cases) {
    test(`${tiles} tiles, ${JSON.stringify(shape)}`, () => {
      const layout = layOutMosaic(tiles, shape);
      assert.equal(layout.columns, columns);
      assert.equal(`${layout.width}x${layout.height}`, size);
      assert.equal(`${layout.tileWidth}x${layout.tileHeight}`, tile);
    });
  }
});

test('no tile lies over another or beyond the sheet, whatever the shape', () => {
  for (let tiles = 1; tiles <= MOST_TILES; tiles++) {
    for (const width of [480, 641, 1280, 4096]) {
      const layout = layOutMosaic(tiles, { width });
      assert.ok(layout.height <= 4096);
      const corners = Array.from({ length: tiles }, (_, index) => tilePosition(layout, index));
      for (const [index, { left, top }] of corners.entries()) {
        assert.ok(left + layout.tileWidth <= width && top + layout.tileHeight <= layout.height);
        const before = corners[index - 1];
        if (before === undefined) continue;
        const isRight = top === before.top && left > before.left + layout.tileWidth;
        const isBelow = left === 0 && top > before.top + layout.tileHeight;
        assert.ok(isRight || isBelow, `tile ${index} of ${tiles}`);
      }
    }
  }
});

describe('what cannot be laid out is refused with what could be', () => {
  const cases: [tiles: number, shape: MosaicShape, message: string][] = [
    [65, {}, 'Expected at most 64 ids for cameras but received 65 cameras'],
    [4, { columns: 13 }, 'Expected integer 1-12 (4 cameras in a sheet 1280 pixels wide) for columns but received 13'],
    [
      64,
      { columns: 1, width: 640 },
      'Expected integer 3-6 (64 cameras in a sheet 640 pixels wide) for columns but received 1',
    ],
    [64, { width: 160 }, 'Expected a width with room for 64 cameras for width but received 160'],
  ];
  for (const [tiles, shape, message] of cases) {
    test(message, () => {
      assert.throws(() => layOutMosaic(tiles, shape), { code: 'ERR_BAD_PARAMETER', message });
    });
  }

  test('no camera', () => assert.throws(() => layOutMosaic(0, {}), { code: 'ERR_CAMERA_NOT_FOUND' }));
});
