import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Clip } from '../../simulator/clip/clip.js';
import { DEMO_CLIP_PATH } from '../../simulator/demo-camera.js';
import { verbatim, withControls } from '../../simulator/rtsp/reply-quirks.js';
import { seededRandom } from '../../simulator/seeded-random.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { unusedPort } from '../support/unused-port.js';

/** In every secret; percent-encoding and JSON leave it as it is. */
const MARK = 'sEcReT';
const ADMIN_TOKEN = `${MARK}-of-the-administrator`;
const SPECIAL = [...'@:/?#%&=+!$\'"`\\ ;,()[]{}<>|^~*_-.', '%40', '%2F', '%zz', 'ä', '🔑', '//', '@@', '://'];
const ROUNDS = 4;

interface Target {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
}

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

describe(`what the engine says of cameras holds no credential (SEED=${seed})`, () => {
  const cleanup = new Cleanup();
  const random = seededRandom(seed);
  let clip: Clip;
  let simulator: SimulatorServer;
  let server: FramewellServer;
  let stateFile: string;
  let unused: number;
  let mounts = 0;

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-credentials-'));
    cleanup.add(folder, (it) => rm(it, { recursive: true }));
    stateFile = join(folder, 'cameras.json');
    unused = await unusedPort();
    clip = await loadClip(DEMO_CLIP_PATH);
    simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    server = await FramewellServer.start({
      cameras: [{ id: 'configured', ...rightLogin() }],
      environment: { ADMIN_TOKEN, STATE_FILE: stateFile, LOG_LEVEL: 'trace', CONNECT_TIMEOUT_MS: '2000' },
      // Basic credentials are sent in base64.
      secrets: [MARK, ...[0, 1, 2].map(base64AfterBytes)],
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  function secret(): string {
    const noise = (): string =>
      Array.from({ length: Math.floor(random() * 4) }, () => SPECIAL[Math.floor(random() * SPECIAL.length)]).join('');
    return `${noise()}${MARK}${noise()}`;
  }

  const encoded = (): string => encodeURIComponent(secret());

  function withLogin(url: string): string {
    return url.replace('//', `//${encoded()}:${encoded()}@`);
  }

  function mount(options: Parameters<SimulatorServer['addMount']>[2] = {}): string {
    return simulator.addMount(`/camera-${++mounts}`, clip, options).url;
  }

  function rightLogin(): Target {
    const login = { user: `user-${secret()}`.replaceAll(':', ''), password: secret() };
    const scheme = random() < 0.5 ? 'basic' : 'digest';
    return { url: mount({ auth: { scheme, ...login } }), ...login };
  }

  const TARGETS: Readonly<Record<string, () => Target>> = {
    'a right login': rightLogin,
    'a wrong one': () => ({ url: withLogin(mount({ auth: { scheme: 'digest', user: 'admin', password: 'other' } })) }),
    'a login in path and query that are not there': () => ({
      url: `rtsp://${new URL(mount()).host}/user=admin_password=${encoded()}_channel=1.sdp?token=${encoded()}`,
    }),
    'nobody who listens': () => ({ url: withLogin(`rtsp://127.0.0.1:${unused}/stream?password=${encoded()}`) }),
    'a name that nobody knows': () => ({ url: withLogin('rtsp://camera.invalid/stream') }),
    'a redirect to a login': () => {
      const headers = { Location: withLogin(`rtsp://127.0.0.1:${unused}/stream?password=${encoded()}`) };
      return { url: withLogin(mount({ answer: { kind: 'status', status: 302, method: 'DESCRIBE', headers } })) };
    },
    'a redirect that cannot be read': () => {
      const headers = { Location: `http//${encoded()}:${encoded()}@` };
      return { url: withLogin(mount({ answer: { kind: 'status', status: 301, method: 'DESCRIBE', headers } })) };
    },
    'a login in the control URL, which is refused': () => ({
      url: withLogin(
        mount({
          replies: [withControls({ session: '*', track: `rtsp://admin:${encoded()}@127.0.0.1/${encoded()}` })],
          answer: { kind: 'status', status: 500, method: 'SETUP' },
        }),
      ),
    }),
    'what is no RTSP': () => ({
      url: withLogin(mount({ replies: [verbatim('DESCRIBE', 'HTTP/1.1 200 OK\r\n\r\n')] })),
    }),
  };

  for (const [what, target] of Object.entries(TARGETS)) {
    for (const ingest of ['auto', 'libav']) {
      test(`${ingest}: ${what}`, async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const id = `camera-${ingest}-${++mounts}`;
          const body = { id, ingest, ...target() };
          const added = await server.post('/cameras', { authorization: `Bearer ${ADMIN_TOKEN}` }, body);
          assert.equal(added.status, 201, added.body.toString());
          // The answers are searched as they come.
          const { state } = await server.untilCamera(id, ({ state }) => state.name === 'live' || !!state.cause, 15_000);
          assert.equal(state.name === 'live', what === 'a right login', JSON.stringify(state));
          await server.snapshot(id);
        }
      });
    }
  }

  test('nor do the lists, the page, the state file and the command line', async () => {
    for (const path of ['/cameras', '/cameras/configured', '/', '/nowhere']) await server.get(path);
    assert.ok(!(await readFile(stateFile, 'utf8')).includes(MARK));
    assert.ok(!(await readFile(`/proc/${server.pid}/cmdline`, 'utf8')).includes(MARK));
    assert.match(server.logs, /"msg":"Camera down"/);
  });
});

/** How the mark looks in base64 behind so many bytes of a group of three, without the characters that others share. */
function base64AfterBytes(bytes: number): string {
  const text = Buffer.from(`${'x'.repeat(bytes)}${MARK}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(Math.ceil((bytes * 4) / 3), Math.floor(((bytes + MARK.length) * 4) / 3));
}
