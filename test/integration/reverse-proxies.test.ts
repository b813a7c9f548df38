import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.js';
import { fencedBlock } from '../support/fenced-blocks.js';
import { FramewellServer } from '../support/framewell-server.js';
import { PartReader } from '../support/part-reader.js';
import { requires, type Feature } from '../support/requires.js';
import { until } from '../support/until.js';
import { unusedPort } from '../support/unused-port.js';
import { FramewellViewer } from '../support/viewer.js';

const TOKEN = 'token-of-who-sees-every';
const PAGE = 'docs/deployment.md';

interface Proxy {
  readonly name: Feature;
  /** Writes its configuration for `port`, in front of `server`, and gives the command that starts it. */
  readonly prepare: (folder: string, port: number, server: string) => Promise<readonly string[]>;
}

const nginx: Proxy = {
  name: 'nginx',
  async prepare(folder, port, server) {
    const recipe = fencedBlock(PAGE, 'nginx').replace('listen 80;', `listen 127.0.0.1:${port};`);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((it) => `${it}_temp_path ${folder}/${it};`);
    const file = join(folder, 'nginx.conf');
    await writeFile(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr; ${process.getuid!() === 0 ? 'user root;' : ''}
      events {}
      http { access_log off; ${paths.join(' ')}
      ${recipe.replaceAll('127.0.0.1:3000', server)} }`,
    );
    return ['nginx', '-p', folder, '-e', 'stderr', '-c', file];
  },
};

const caddy: Proxy = {
  name: 'caddy',
  async prepare(folder, port, server) {
    const recipe = fencedBlock(PAGE, 'caddyfile').replace('cameras.example.org', `http://127.0.0.1:${port}`);
    const file = join(folder, 'Caddyfile');
    await writeFile(file, `{\nadmin off\n}\n${recipe.replace('127.0.0.1:3000', server)}`);
    return ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'];
  },
};

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

for (const { name, prepare } of [nginx, caddy]) {
  describe(`behind ${name}, as ${PAGE} has it`, { skip: requires(name) }, () => {
    test('pictures, live streams and the login of a browser get through', async () => {
      const cleanup = new Cleanup();
      try {
        const environment = { API_TOKENS: `anna:viewer:*:${TOKEN}`, TRUST_PROXY: '127.0.0.1' };
        const server = await FramewellServer.start({ cameras: [], environment, secrets: [TOKEN] });
        cleanup.add(server, (it) => it.stop());
        const folder = await mkdtemp(join(tmpdir(), `framewell-${name}-`));
        cleanup.add(folder, (path) => rm(path, { recursive: true, force: true }));
        const port = await unusedPort();
        const origin = `http://127.0.0.1:${port}`;
        const [program, ...args] = await prepare(folder, port, new URL(server.origin).host);
        const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
        const proxy = spawn(program!, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
        cleanup.add(proxy, stop);
        let said = '';
        proxy.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
        await until(() => fetch(`${origin}/healthz`).catch(() => undefined), {
          timeoutMs: 10_000,
          describe: () => `Expected ${name} to serve but it said: ${said}`,
        });

        assert.equal((await fetch(`${origin}/cameras/demo/snapshot.jpg`)).status, 401);
        const headers = { authorization: `Bearer ${TOKEN}` };
        const snapshot = await fetch(`${origin}/cameras/demo/snapshot.jpg`, { headers });
        assert.equal(snapshot.headers.get('content-type'), 'image/jpeg');
        await snapshot.arrayBuffer();

        // The page's own: the cookie, and the origin that a browser names, whose port is the proxy's.
        const body = JSON.stringify({ token: TOKEN });
        const login = await fetch(`${origin}/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin },
          body,
        });
        assert.equal(login.status, 200);
        const cookie = login.headers.get('set-cookie')!.split(';')[0]!;
        const viewer = await FramewellViewer.open(origin, '/stream?cameras=demo', { headers: { cookie, origin } });
        cleanup.add(viewer, async (it) => it.close());
        await viewer.untilShown(() => viewer.shown.length >= 2);

        const asked = request(`${origin}/cameras/demo/stream.mjpeg?fps=5`, { headers, agent: false }).end();
        const [stream] = (await once(asked, 'response')) as [IncomingMessage];
        const parts = new PartReader(stream);
        for (let part = 0; part < 2; part++) assert.equal((await parts.next())?.headers['Content-Type'], 'image/jpeg');
        stream.destroy();
      } finally {
        await cleanup.run();
      }
    });
  });
}
