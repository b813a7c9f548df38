import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Compiled tests lie one folder deeper than their sources; the script is not compiled. */
const SCRIPT = fileURLToPath(new URL('../../../test/support/gst_rtsp_server.py', import.meta.url));

export const MOUNTS = ['h264', 'h265', 'vp8', 'mjpeg'] as const;
export type GstreamerMount = (typeof MOUNTS)[number];

/** The upper part of the pattern: seven bars of full brightness. */
export const PATTERN = (
  [
    [255, 255, 255],
    [255, 255, 0],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [0, 0, 255],
  ] as const
).map((colour, bar) => ({ colour, area: { left: (bar + 0.3) / 7, top: 0.2, width: 0.4 / 7, height: 0.2 } }));

export interface GstreamerOptions {
  /** Turns the challenge on. */
  readonly user?: string;
  readonly password?: string;
  /** The challenge's scheme; digest when absent. */
  readonly auth?: 'basic' | 'digest';
  /** What it serves; everything when absent. */
  readonly mounts?: readonly GstreamerMount[];
  /** Ends sessions whose client gives no sign for so long; a minute when absent, and not enforced. */
  readonly sessionTimeoutS?: number;
}

/** GStreamer's RTSP server on a loopback port of its own choice, with /h264, /h265, /vp8 and /mjpeg of 640x360 at 15/s. */
export class GstreamerServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start({
    user,
    password,
    auth = 'digest',
    mounts = MOUNTS,
    sessionTimeoutS,
  }: GstreamerOptions = {}): Promise<GstreamerServer> {
    const login = user === undefined ? [] : ['--user', user, '--password', password ?? '', '--auth', auth];
    const timeout = sessionTimeoutS === undefined ? [] : ['--session-timeout', String(sessionTimeoutS)];
    // Debian's interpreter: only it sees Debian's python3-gi.
    const paths = mounts.map((mount) => `/${mount}`);
    const child = spawn('/usr/bin/python3', [SCRIPT, ...login, ...timeout, '--mounts', ...paths], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const line = await Promise.race([
      once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`Expected GStreamer's RTSP server to start but it ended with ${code ?? signal}`);
      }),
    ]);
    const { port } = JSON.parse(line) as { port: number };
    return new GstreamerServer(child, port);
  }

  /** Without credentials; those go beside the URL, as raw strings. */
  url(mount: GstreamerMount): string {
    return `rtsp://127.0.0.1:${this.port}/${mount}`;
  }

  /** Keeps every connection open and does nothing, until `thaw()`. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }
}
