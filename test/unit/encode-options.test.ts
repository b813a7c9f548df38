import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EncodeOptions } from '../../services/stream/decode-backend.js';
import { isWholePicture, requireCropInside } from '../../services/stream/encode-options.js';

const FRAME = { width: 1280, height: 720 };

describe('a crop', () => {
  const check = (x: number, y: number, width: number, height: number): void => {
    requireCropInside(FRAME, { crop: { x, y, width, height } });
  };

  it('is taken as far as the edges', () => {
    requireCropInside(FRAME, {});
    check(0, 0, 1280, 720);
    check(1279, 719, 1, 1);
  });

  it('is refused where it leaves the picture or is no whole pixels', () => {
    assert.throws(() => check(1000, 0, 281, 720), {
      code: 'ERR_BAD_PARAMETER',
      message: 'Expected x,y,width,height inside the picture of 1280x720 pixels for crop but received 1000,0,281,720',
    });
    const refused: [number, number, number, number][] = [
      [0, 1, 1280, 720],
      [-1, 0, 10, 10],
      [0, -1, 10, 10],
      [0, 0, 0, 10],
      [0, 0, 10, 0],
      [0.5, 0, 10, 10],
      [0, 0, 10, Number.NaN],
    ];
    for (const crop of refused) {
      assert.throws(() => check(...crop), { code: 'ERR_BAD_PARAMETER' }, `Expected a refusal of ${crop.join()}`);
    }
  });
});

describe('a picture', () => {
  const crop = (x: number, y: number, width: number, height: number): EncodeOptions => ({
    crop: { x, y, width, height },
  });
  for (const { what, options, isWhole } of [
    { what: 'with no wishes', options: { quality: 50 }, isWhole: true },
    { what: 'in a box that it fits', options: { width: 1280, height: 4000 }, isWhole: true },
    { what: 'in a narrower box', options: { width: 1279 }, isWhole: false },
    { what: 'in a lower box', options: { height: 719 }, isWhole: false },
    { what: 'cropped to itself', options: crop(0, 0, 1280, 720), isWhole: true },
    { what: 'cropped', options: crop(0, 0, 1280, 719), isWhole: false },
    {
      what: 'covering a larger box of its proportions',
      options: { fit: 'cover', width: 2560, height: 1440 },
      isWhole: true,
    },
    { what: 'covering a larger box of others', options: { fit: 'cover', width: 2560, height: 1000 }, isWhole: false },
    { what: 'covering a smaller box', options: { fit: 'cover', width: 640, height: 360 }, isWhole: false },
    { what: 'covering a box without height', options: { fit: 'cover', width: 1280 }, isWhole: true },
  ] satisfies { what: string; options: EncodeOptions; isWhole: boolean }[]) {
    it(`${what} ${isWhole ? 'stays as it is' : 'does not stay as it is'}`, () => {
      assert.equal(isWholePicture(FRAME, options), isWhole);
    });
  }
});
