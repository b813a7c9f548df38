import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { loadClip } from './clip/load-clip.js';
import { DEMO_CLIP_PATH } from './demo-camera.js';
import { SimulatorServer } from './simulator-server.js';

const USAGE = `Usage: npm run simulate -- [options]
  --cameras <n>  how many cameras, 1-1000 (default 1)
  --port <n>     RTSP port, 0 for a free one (default 8554)
  --clip <file>  .h264, .h265, .mp4 or .mjpeg (default: the demo clip)
  --fps <n>      frames per second of a clip file that does not say
  --udp          also print settings that make the server ask for UDP`;

interface Settings {
  readonly cameras: number;
  readonly port: number;
  readonly clip: string;
  readonly fps: number | undefined;
  readonly udp: boolean;
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const options = { cameras: text, port: text, clip: text, fps: text, udp: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    cameras: readInteger('--cameras', values.cameras ?? '1', 1, 1000),
    port: readInteger('--port', values.port ?? '8554', 0, 65535),
    clip: values.clip ?? DEMO_CLIP_PATH,
    fps: values.fps === undefined ? undefined : readInteger('--fps', values.fps, 1, 240),
    udp: values.udp ?? false,
  };
}

function readInteger(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new Error(`Expected integer ${min}-${max} for ${name} but received ${value}`);
  }
  return number;
}

/** Serves cameras until SIGINT or SIGTERM; their lines on standard output can be pasted into .env. */
async function simulate({ cameras, port, clip: path, fps, udp }: Settings): Promise<void> {
  const clip = await loadClip(path, fps === undefined ? {} : { fps });
  const server = await SimulatorServer.listen({ host: '127.0.0.1', port });
  const durationMs = clip.durationTicks / 90;
  for (let camera = 1; camera <= cameras; camera++) {
    const { url } = server.addMount(`/cam${camera}`, clip, { phaseMs: ((camera - 1) * durationMs) / cameras });
    console.log(`CAMERA_URL_${camera}=${url}`);
    if (udp) console.log(`CAMERA_TRANSPORT_${camera}=udp`);
  }
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

try {
  await simulate(readSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
}
