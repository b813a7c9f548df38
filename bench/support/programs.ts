import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../services/project-root.js';
import { launch, type Launched, type Program } from './launch.js';

export type { Program } from './launch.js';

/** Starts a program and waits for the first line of its output that `isReady` accepts. */
async function startProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  isReady: (line: string) => boolean,
): Promise<Launched> {
  const program = await launch(command, args, { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    program.child.once('exit', (code) => {
      reject(new Error(`Expected ${command} to run but it ended with code ${code}`));
    });
    createInterface({ input: program.child.stdout! }).on('line', (line) => {
      if (isReady(line)) resolve();
    });
  });
  return program;
}

export interface Simulator extends Program {
  readonly urls: readonly string[];
}

/** The camera simulator in a process of its own, so that its CPU time is nobody else's. */
export async function startSimulator(clip: string, cameras: number): Promise<Simulator> {
  const urls: string[] = [];
  const program = await startProgram(
    process.execPath,
    [join(projectRoot, 'dist/simulator/simulate.js'), '--port', '0', '--clip', clip, '--cameras', String(cameras)],
    {},
    (line) => {
      const url = /^CAMERA_URL_\d+=(.*)$/.exec(line)?.[1];
      if (url) urls.push(url);
      return urls.length === cameras;
    },
  );
  return { ...program, urls };
}

export interface Server extends Launched {
  readonly address: string;
}

/** The product, with these cameras. */
export async function startServer(urls: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const port = await freePort();
  const cameras = Object.fromEntries(urls.map((url, i) => [`CAMERA_URL_${i + 1}`, url]));
  const program = await startProgram(
    process.execPath,
    [join(projectRoot, 'dist/server.js')],
    { PORT: String(port), LOG_LEVEL: 'error', ...cameras, ...env },
    (line) => line.startsWith('Framewell is at'),
  );
  return { ...program, address: `http://127.0.0.1:${port}` };
}

/** libavformat's bare demux loop over these cameras. */
export function startDemuxLoop(urls: readonly string[]): Promise<Program> {
  return startProgram(join(projectRoot, 'build/bench/demux_loop'), urls, {}, (line) => line === 'ready');
}

/** A TCP port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
