import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StreamDecoderFactory } from '../../index.js';
import { loadNativeAddon } from '../../services/native-binding.js';
import { drivenBy } from '../support/card.js';
import { requires } from '../support/requires.js';

describe(`the card (${drivenBy()})`, { skip: requires('gpu') }, () => {
  test('says what it is and what its driver can', async (t) => {
    const { reason, cudaVersion, jpegLibrary, devices } = loadNativeAddon().driver();
    assert.equal(reason, '');
    t.diagnostic(`driver: CUDA ${cudaVersion}, ${jpegLibrary}, ${devices} device(s)`);
    for (let id = 0; id < devices; id++) {
      const factory = StreamDecoderFactory.getInstance(id, { engine: 'cuda' });
      t.after(() => factory.close());
      const [gpu] = await factory.gpuStatus();
      assert.equal(gpu!.unavailable, undefined);
      assert.ok(gpu!.name.length > 0);
      t.diagnostic(JSON.stringify(gpu));
    }
  });
});
