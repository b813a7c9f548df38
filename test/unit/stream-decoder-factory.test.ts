import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { SHORTEST_TURN_MS } from '../../services/stream/connect-turns.js';
import { encodeFrameToJpeg } from '../../services/stream/frame-owner.js';
import { StreamDecoderFactory } from '../../services/stream/stream-decoder-factory.js';
import { DecoderScene, REFUSED } from '../support/decoder-scene.js';

let scene: DecoderScene;

beforeEach(() => {
  scene = new DecoderScene();
});

describe('StreamDecoderFactory', () => {
  it('closes every decoder before the backend', async () => {
    const session = await scene.startLive();
    session.endsWhenStopped = false;
    let closed = false;
    const closing = scene.factory.close().then(() => (closed = true));
    await new Promise(setImmediate);
    assert.equal(session.isStopped, true);
    assert.equal(scene.backend.isClosed, false);
    assert.equal(closed, false);
    session.end(REFUSED);
    await closing;
    assert.equal(scene.backend.isClosed, true);
  });

  it('connects only so many cameras at once, the others in order', async () => {
    const { backend, clock } = scene;
    const factory = new StreamDecoderFactory(backend, { clock, connectConcurrency: 2 });
    const decoders = [1, 2, 3, 4, 5].map((number) => factory.createDecoder(`rtsp://camera/${number}`));
    for (const each of decoders) each.start();
    const connecting = () => backend.sessions.map(({ source }) => source.redactedUrl.at(-1)).join('');
    assert.equal(connecting(), '12');
    assert.deepEqual(
      decoders.map((each) => each.getStatus().state.name),
      ['connecting', 'connecting', 'queued', 'queued', 'queued'],
    );
    await decoders[2]!.stop();
    clock.advance(SHORTEST_TURN_MS);
    backend.sessions[1]!.emit({ type: 'awaitingKeyframe' });
    await new Promise(setImmediate);
    assert.equal(connecting(), '124');
    backend.sessions[0]!.end(REFUSED);
    await new Promise(setImmediate);
    assert.equal(connecting(), '1245');
    // The events that follow give nothing back a second time.
    backend.sessions[1]!.emit({ type: 'live' });
    clock.advance(30_000);
    await new Promise(setImmediate);
    assert.equal(decoders[0]!.getStatus().state.name, 'queued');
    await factory.close();
  });

  it('forgets decoders that were stopped', async () => {
    const other = scene.factory.createDecoder('rtsp://camera/2');
    let closed = 0;
    other.onStateChange(({ name }) => (closed += name === 'closed' ? 1 : 0));
    await other.stop();
    await scene.factory.close();
    assert.equal(closed, 1);
  });

  it('refuses a URL that is no camera', () => {
    assert.throws(() => scene.factory.createDecoder('http://camera/'), /Expected/);
  });
});

describe('encodeFrameToJpeg', () => {
  it('encodes with the engine that the frame came from', async () => {
    const session = await scene.startLive();
    session.receiveFrame();
    const frame = await scene.decoder.getLatestFrame();
    await encodeFrameToJpeg(frame, 70);
    assert.deepEqual(scene.backend.encodes, [{ sequence: 1, options: { quality: 70 } }]);
    await assert.rejects(encodeFrameToJpeg(frame, 0), { message: 'Expected integer 1-100 for quality but received 0' });
    frame.release();
  });

  it('refuses what no decoder gave', async () => {
    await assert.rejects(encodeFrameToJpeg(scene.backend.frames.make(1)), { code: 'ERR_BAD_PARAMETER' });
  });
});
