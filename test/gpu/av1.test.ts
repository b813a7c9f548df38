import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeRate } from '../../bench/gpu/card-rates.js';
import { drivenBy } from '../support/card.js';
import { requires } from '../support/requires.js';
import { av1Clip } from './still-clips.js';

/** No camera brings it here, since libavformat 5.1 does not receive it: the engine's decoder is given a file. */
describe(`AV1 (${drivenBy()})`, { skip: requires('gpu') }, () => {
  test('is decoded by the card, where it says that it can', async (t) => {
    try {
      const rate = await decodeRate(await av1Clip(), 1, 1);
      t.diagnostic(`${rate.toFixed(0)} pictures a second`);
      assert.ok(rate > 0);
    } catch (error) {
      // A driver may be older than the codec, which its parser then does not know.
      const cannot = /cannot decode|cuvidCreateVideoParser failed/;
      if (!(error instanceof Error && cannot.test(error.message))) throw error;
      t.skip(error.message);
    }
  });
});
