import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

import { RtspClient } from '../simulator/rtsp-client.js';
import { until } from '../support/until.js';

const START_TIMEOUT_MS = 15_000;
/** VLC refuses to run as root; this is nobody. */
const NOBODY = { uid: 65534, gid: 65534 };

export interface VlcOptions {
  readonly port: number;
  /** An H.264 file, played once from the start of the server on. */
  readonly clip: { readonly path: string; readonly fps: number };
  /** For the basic challenge. */
  readonly user: string;
  readonly password: string;
  /** Sessions end whose client gives no sign for so long. */
  readonly sessionTimeoutS: number;
}

/** VLC's RTSP server on a loopback port: RTP over UDP alone, GET_PARAMETER as the sign of life. */
export class VlcServer {
  /** Without credentials; those go beside the URL, as raw strings. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #options: VlcOptions;

  private constructor(child: ChildProcess, url: string, options: VlcOptions) {
    this.#child = child;
    this.url = url;
    this.#options = options;
  }

  static async start(options: VlcOptions): Promise<VlcServer> {
    const { port, clip, user, password, sessionTimeoutS } = options;
    const url = `rtsp://127.0.0.1:${port}/camera`;
    // As standard input it can be read whoever may open it.
    const file = await open(clip.path);
    const input = ['--demux', 'h264', '--h264-fps', `${clip.fps}`, '-'];
    const login = ['--sout-rtsp-user', user, '--sout-rtsp-pwd', password];
    const output = ['--sout', `#rtp{sdp=${url}}`, ...login, '--rtsp-timeout', `${sessionTimeoutS}`];
    const child = spawn('vlc', ['--intf', 'dummy', '--quiet', '--no-audio', '--no-dbus', ...output, ...input], {
      ...(process.getuid?.() === 0 && NOBODY),
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
      stdio: [file.fd, 'ignore', 'ignore'],
    });
    await file.close();
    const server = new VlcServer(child, url, options);
    try {
      await until(() => server.#isServing(), {
        timeoutMs: START_TIMEOUT_MS,
        describe: () => 'Expected VLC to serve its clip',
      });
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  /** Another one in its place, once it was killed; the clip begins anew. */
  again(): Promise<VlcServer> {
    return VlcServer.start(this.#options);
  }

  /** Keeps every connection open and does nothing, until `thaw()`. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** It listens before it knows the path; then it asks for a login. */
  async #isServing(): Promise<true | undefined> {
    if (this.#child.exitCode !== null) throw new Error(`Expected VLC to run but it ended with ${this.#child.exitCode}`);
    const client = await RtspClient.connect(this.url).catch(() => undefined);
    if (!client) return undefined;
    try {
      return (await client.request('DESCRIBE')).status === 401 || undefined;
    } finally {
      client.close();
    }
  }
}
