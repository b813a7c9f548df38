import type { StreamDecoder } from '../../services/stream/stream-decoder.js';
import { StreamDecoderFactory } from '../../services/stream/stream-decoder-factory.js';
import { FakeBackend, type FakeSession } from './fake-backend.js';
import { ManualClock } from './manual-clock.js';

export const REFUSED = { code: 'ERR_RTSP_REFUSED', message: 'The connection was refused' };

/** A camera's decoder with the engine and the clock in the test's hand. */
export class DecoderScene {
  readonly backend = new FakeBackend();
  readonly clock = new ManualClock();
  readonly factory = new StreamDecoderFactory(this.backend, { clock: this.clock });
  readonly decoder: StreamDecoder;
  /** All that were told, in their order. */
  readonly states: string[] = [];

  constructor() {
    this.decoder = this.factory.createDecoder('rtsp://user:secret@camera/stream', { bufferSize: 2 });
    this.decoder.onStateChange((state) => this.states.push(state.name));
  }

  /** Starts the camera and returns its first session. */
  start(): FakeSession {
    this.decoder.start();
    return this.backend.sessions[0]!;
  }

  async startLive(): Promise<FakeSession> {
    const session = this.start();
    session.emit({ type: 'connected' });
    session.emit({ type: 'awaitingKeyframe' });
    session.emit({ type: 'live' });
    return session;
  }

  async untilBackingOff(of = this.decoder): Promise<void> {
    while (of.getStatus().state.name !== 'backingOff') await new Promise(setImmediate);
  }

  /** Ends the session, waits out the back-off and returns the next session. */
  async fail(session: FakeSession, cause = REFUSED): Promise<FakeSession> {
    const next = this.backend.nextSession();
    session.end(cause);
    await this.untilBackingOff();
    this.clock.advance(30_000);
    return next;
  }
}
