import type { CameraReport, FramewellServer } from '../../support/framewell-server.js';
import type { FaultyCamera } from './faulty-camera.js';

const MENDED_BY_A_PERSON: ReadonlySet<string> = new Set([
  'ERR_RTSP_UNAUTHORIZED',
  'ERR_RTSP_FORBIDDEN',
  'ERR_RTSP_NOT_FOUND',
  'ERR_RTSP_NO_VIDEO',
  'ERR_RTSP_REDIRECT',
]);

/** Does not pass by itself: who has mended it asks for a try. */
export function isMendedByAPerson(code: string): boolean {
  return MENDED_BY_A_PERSON.has(code);
}

/** The person who looks after the cameras of a fault run. */
export class Operator {
  readonly #server: FramewellServer;
  readonly #adminToken: string;
  readonly #cameras: ReadonlyMap<string, FaultyCamera>;
  /** Tries asked for, by the code of what was wrong. */
  readonly tries = new Map<string, number>();

  constructor(server: FramewellServer, adminToken: string, cameras: readonly FaultyCamera[]) {
    this.#server = server;
    this.#adminToken = adminToken;
    this.#cameras = new Map(cameras.map((camera) => [camera.id, camera]));
  }

  /** Asks for a try of each camera that waits though nothing is wrong any more, if it is down for such a cause. */
  async attend(reports: readonly CameraReport[], isCause: (code: string) => boolean): Promise<void> {
    for (const { id, state } of reports) {
      const isWaiting = state.name === 'parked' || state.name === 'backingOff';
      if (!isWaiting || this.#cameras.get(id)!.fault) continue;
      const { code } = state.cause!;
      if (!isCause(code)) continue;
      await this.#server.post(`/cameras/${id}/retry`, { authorization: `Bearer ${this.#adminToken}` });
      this.tries.set(code, (this.tries.get(code) ?? 0) + 1);
    }
  }
}
