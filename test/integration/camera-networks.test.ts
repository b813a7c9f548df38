import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { CameraSource, StreamDecoderFactory, type Cause } from '../../index.js';
import type { Clip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { DEMO_CLIP_PATH } from '../../simulator/demo-camera.js';
import { withControls, type ReplyQuirk } from '../../simulator/rtsp/reply-quirks.js';
import { SimulatorServer, type MountOptions } from '../../simulator/simulator-server.js';
import type { SourceOptions } from '../../services/cameras/camera-source.js';
import { Cleanup } from '../support/cleanup.js';

const INGESTS = ['auto', 'libav'] as const;
/** On the loopback network too, but not where cameras may be. */
const ELSEWHERE = '127.0.0.2';

/** Cameras on 127.0.0.1, and a server that should never hear of them. */
class Surroundings {
  readonly #cleanup = new Cleanup();
  readonly #factory: StreamDecoderFactory;
  readonly #simulator: SimulatorServer;
  readonly #clip: Clip;
  readonly #forbidden = createServer((socket) => {
    this.visits += 1;
    socket.destroy();
  });
  #mounts = 0;
  /** Connections that the forbidden server has accepted. */
  visits = 0;

  static async begin(cameraNetworks?: readonly string[]): Promise<Surroundings> {
    const simulator = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
    const factory = StreamDecoderFactory.getInstance(0, { engine: 'cpu', ...(cameraNetworks && { cameraNetworks }) });
    const surroundings = new Surroundings(simulator, factory, await loadClip(DEMO_CLIP_PATH));
    surroundings.#forbidden.listen(0, ELSEWHERE);
    await once(surroundings.#forbidden, 'listening');
    return surroundings;
  }

  private constructor(simulator: SimulatorServer, factory: StreamDecoderFactory, clip: Clip) {
    this.#simulator = simulator;
    this.#factory = factory;
    this.#clip = clip;
    this.#cleanup.add(simulator, (it) => it.close());
    this.#cleanup.add(this.#forbidden, async (it) => {
      it.close();
      await once(it, 'close');
    });
    this.#cleanup.add(factory, (it) => it.close());
  }

  end(): Promise<void> {
    return this.#cleanup.run();
  }

  mount(options: MountOptions = {}): string {
    return this.#simulator.addMount(`/camera-${++this.#mounts}`, this.#clip, options).url;
  }

  /** host:port of the forbidden server. */
  get forbidden(): string {
    return `${ELSEWHERE}:${(this.#forbidden.address() as AddressInfo).port}`;
  }

  /** What comes of a camera: `live`, or why not. */
  async outcome(url: string, options: SourceOptions): Promise<Cause | 'live'> {
    const decoder = this.#factory.createDecoder(new CameraSource(url, options), { connectTimeoutMs: 5_000 });
    try {
      return await new Promise((resolve) => {
        decoder.onStateChange((state) => {
          if (state.name === 'live') resolve('live');
          if (state.name === 'backingOff' || state.name === 'parked') resolve(state.cause);
        });
        decoder.start();
      });
    } finally {
      await decoder.stop();
    }
  }
}

function redirectTo(location: string): MountOptions {
  return { answer: { kind: 'status', status: 302, headers: { Location: location } } };
}

/** Whatever was asked for, SETUP is answered with this much more, or another, of a transport. */
function withTransport(change: (agreed: string) => string): ReplyQuirk {
  return (reply, request) => {
    if (request.method !== 'SETUP') return reply;
    const Transport = change(String(reply.headers?.Transport));
    return { ...reply, status: 200, headers: { Session: '1', ...reply.headers, Transport } };
  };
}

function assertRefused(outcome: Cause | 'live', address: string): void {
  assert.notEqual(outcome, 'live');
  const { code, message } = outcome as Cause;
  assert.equal(code, 'ERR_CAMERA_NETWORK');
  assert.ok(message.includes(address), `Expected a word of ${address} but received ${message}`);
}

describe('cameras may be in one network', () => {
  let around: Surroundings;

  before(async () => {
    around = await Surroundings.begin(['10.0.0.0/8', '127.0.0.1/32']);
  });

  after(() => around.end());

  for (const ingest of INGESTS) {
    test(`${ingest}: one that is in it is shown, by its address and by its name`, async () => {
      const url = around.mount();
      assert.equal(await around.outcome(url, { ingest }), 'live');
      assert.equal(await around.outcome(url.replace('127.0.0.1', 'localhost'), { ingest }), 'live');
      const login = { user: 'a:b', password: '@/ %' };
      const locked = around.mount({ auth: { scheme: 'digest', user: 'viewer', password: login.password } });
      assert.equal(await around.outcome(locked, { ingest, ...login, user: 'viewer' }), 'live');
    });

    for (const scheme of ['rtsp', 'rtsps']) {
      test(`${ingest}: one elsewhere is not connected to over ${scheme}, however its address is written`, async () => {
        const { forbidden } = around;
        assertRefused(await around.outcome(`${scheme}://${forbidden}/camera`, { ingest }), ELSEWHERE);
        const mapped = forbidden.replace(ELSEWHERE, `[::ffff:${ELSEWHERE}]`);
        assertRefused(await around.outcome(`${scheme}://${mapped}/camera`, { ingest }), ELSEWHERE);
        assert.equal(around.visits, 0);
      });

      test(`${ingest}: a redirect to elsewhere over ${scheme} is not followed`, async () => {
        const url = around.mount(redirectTo(`${scheme}://${around.forbidden}/camera`));
        assertRefused(await around.outcome(url, { ingest }), ELSEWHERE);
        assert.equal(around.visits, 0);
      });
    }

    test(`${ingest}: a redirect within the network is followed`, async () => {
      assert.equal(await around.outcome(around.mount(redirectTo(around.mount())), { ingest }), 'live');
    });
  }

  test('datagrams of the camera itself are taken, those of a source elsewhere are not asked for', async () => {
    assert.equal(await around.outcome(around.mount(), { transport: 'udp' }), 'live');
    const url = around.mount({ replies: [withTransport((agreed) => `${agreed};source=${ELSEWHERE}`)] });
    assertRefused(await around.outcome(url, { transport: 'udp' }), ELSEWHERE);
  });

  test('a group that is not in the network is not joined', async () => {
    const group = '239.255.77.9';
    const multicast = `RTP/AVP;multicast;destination=${group};port=45000-45001;ttl=1`;
    const url = around.mount({ replies: [withTransport(() => multicast)] });
    assertRefused(await around.outcome(url, { transport: 'multicast' }), group);
  });

  for (const transport of ['udp', 'multicast'] as const) {
    test(`libavformat, which would send anywhere, gets no ${transport}`, async () => {
      assertRefused(await around.outcome(around.mount(), { ingest: 'libav', transport }), transport);
    });
  }
});

test('a name that leads elsewhere only is refused', async (t) => {
  const around = await Surroundings.begin([`${ELSEWHERE}/32`]);
  t.after(() => around.end());
  for (const ingest of INGESTS) {
    const url = around.mount().replace('127.0.0.1', 'localhost');
    assertRefused(await around.outcome(url, { ingest }), '127.0.0.1');
  }
});

test('a redirect to rtsps:// is followed, which only libavformat can', async (t) => {
  const around = await Surroundings.begin();
  t.after(() => around.end());
  for (const [visits, ingest] of INGESTS.entries()) {
    assert.equal(around.visits, visits);
    const url = around.mount(redirectTo(`rtsps://${around.forbidden}/camera`));
    const outcome = await around.outcome(url, { ingest });
    assert.equal(outcome === 'live' || outcome.code, 'ERR_RTSP_PROTOCOL', 'the server ends the handshake');
    assert.equal(around.visits, visits + 1);
  }
});

describe('cameras may be anywhere', () => {
  let around: Surroundings;

  before(async () => {
    around = await Surroundings.begin();
  });

  after(() => around.end());

  for (const ingest of INGESTS) {
    for (const location of [
      'file:///etc/hostname',
      'http://HOST/',
      'concat:http://HOST/',
      'tcp://HOST',
      'rtp://HOST',
    ]) {
      test(`${ingest}: a redirect to ${location} leads nowhere`, async () => {
        const url = around.mount(redirectTo(location.replace('HOST', around.forbidden)));
        const outcome = await around.outcome(url, { ingest });
        assert.equal(outcome === 'live' || outcome.code, 'ERR_RTSP_REDIRECT');
        assert.equal(around.visits, 0);
      });
    }

    for (const control of ['file:///etc/hostname', 'http://HOST/video']) {
      test(`${ingest}: ${control} in an SDP is asked of the camera, and nobody else`, async () => {
        const track = control.replace('HOST', around.forbidden);
        const url = around.mount({ replies: [withControls({ session: '*', track })] });
        assert.notEqual(await around.outcome(url, { ingest }), 'live');
        assert.equal(around.visits, 0);
      });
    }
  }
});
