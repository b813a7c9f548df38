import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';
import type { CameraRequest } from './camera-process.js';
import type { ClockClip } from './clock-clip.js';
import { launch, type Launched } from './launch.js';

const PROGRAM = join(projectRoot, 'dist/bench/support/camera-process.js');

/** When each camera last sent each frame, by `monotonicMs()`. */
export type SentAtMs = readonly (readonly number[])[];

/** Cameras that play a clip whose frames carry their numbers, in a process of their own. */
export class ClockCameras {
  readonly clip: ClockClip;
  readonly urls: readonly string[];
  readonly #program: Launched;
  readonly #ask: Ask;

  private constructor(clip: ClockClip, program: Launched, ask: Ask, urls: readonly string[]) {
    this.clip = clip;
    this.#program = program;
    this.#ask = ask;
    this.urls = urls;
  }

  /** The cameras of a group lose their power together. */
  static async start(clip: ClockClip, ...groupSizes: number[]): Promise<ClockCameras> {
    const program = await launch(process.execPath, [PROGRAM, clip.path, ...groupSizes.map(String)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ask = askOver(program);
    return new ClockCameras(clip, program, ask, (await ask('urls')) as string[]);
  }

  async sentAtMs(): Promise<SentAtMs> {
    return (await this.#ask('sentAt')) as SentAtMs;
  }

  async powerOff(group: number): Promise<void> {
    await this.#ask('powerOff', group);
  }

  async powerOn(group: number): Promise<void> {
    await this.#ask('powerOn', group);
  }

  /** When somebody tried to have the pictures of one of the group's cameras, by `monotonicMs()`. */
  async attemptsAtMs(group: number): Promise<readonly number[]> {
    return (await this.#ask('attempts', group)) as number[];
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Ask = (ask: CameraRequest['ask'], group?: number) => Promise<unknown>;

function askOver({ child }: Launched): Ask {
  const waiting = new Map<number, Waiting>();
  child.on('message', ({ id, value }: { id: number; value?: unknown }) => {
    waiting.get(id)!.resolve(value);
    waiting.delete(id);
  });
  child.once('exit', () => {
    const ended = new Error('Expected the cameras to run but their process has ended');
    for (const { reject } of waiting.values()) reject(ended);
  });
  let asked = 0;
  return (ask, group) =>
    new Promise((resolve, reject) => {
      const request: CameraRequest = { id: ++asked, ask, ...(group !== undefined && { group }) };
      waiting.set(request.id, { resolve, reject });
      child.send(request);
    });
}
