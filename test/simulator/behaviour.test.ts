import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { SimulatorSuite } from './simulator-suite.js';
import { PPS, SPS } from './synthetic-clip.js';

describe('what a camera answers', () => {
  let suite: SimulatorSuite;

  before(async () => {
    suite = await SimulatorSuite.start();
  });

  after(() => suite.end());

  afterEach(() => suite.closeClients());

  test('answers with a status, to every request or to one method', async () => {
    const mount = suite.addMount({ answer: { kind: 'status', status: 404 } });
    const client = await suite.connect(mount);
    assert.equal((await client.request('OPTIONS')).status, 404);
    mount.change({ answer: { kind: 'status', status: 453, method: 'SETUP' } });
    assert.equal((await client.request('DESCRIBE')).status, 200);
    assert.equal((await client.setup()).status, 453);
    mount.change({ answer: { kind: 'serve' } });
    assert.equal((await client.setup()).status, 200);
  });

  test('close: ends the connection instead of answering', async () => {
    const client = await suite.connect(suite.addMount({ answer: { kind: 'close' } }));
    client.send('OPTIONS');
    await client.closed;
  });

  test('silence: takes requests and says nothing, and the connection stays', async () => {
    const mount = suite.addMount({ answer: { kind: 'silence' } });
    const client = await suite.connect(mount);
    client.send('OPTIONS');
    client.send('DESCRIBE');
    // A request to another camera on the same connection comes after them, so its answer shows that they got none.
    const response = await client.request('OPTIONS', {}, suite.addMount().url);
    assert.equal(response.headers.get('cseq'), '3');
  });

  test('auth: asked of all but OPTIONS, and may be changed', async () => {
    const mount = suite.addMount({ auth: { scheme: 'basic', user: 'admin', password: 'secret' } });
    const client = await suite.connect(mount);
    assert.equal((await client.request('OPTIONS')).status, 200);
    const refused = await client.request('DESCRIBE');
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    const Authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
    assert.equal((await client.request('DESCRIBE', { Authorization })).status, 200);
    mount.change({ auth: { scheme: 'none' } });
    assert.equal((await client.request('DESCRIBE')).status, 200);
  });

  for (const { parameterSets, inSdp, inBand } of [
    { parameterSets: 'both', inSdp: true, inBand: true },
    { parameterSets: 'sdp', inSdp: true, inBand: false },
    { parameterSets: 'in-band', inSdp: false, inBand: true },
  ] as const) {
    test(`parameter sets: ${parameterSets}`, async () => {
      const client = await suite.connect(suite.addMount({ parameterSets }));
      const { body } = await client.request('DESCRIBE');
      assert.equal(body.includes('sprop-parameter-sets'), inSdp);
      await client.play();
      const nals = await client.nextNals();
      assert.deepEqual(nals.slice(0, -1), inBand ? [SPS, PPS] : []);
    });
  }
});
