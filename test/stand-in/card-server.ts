import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineUse, GpuStatus } from '../../services/stream/decode-backend.js';
import type { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraReport, type CameraSettings } from '../support/framewell-server.js';

const ADMIN_TOKEN = 'token-of-the-administrator';

export interface GpuReport {
  readonly engine: EngineUse;
  readonly gpus: readonly GpuStatus[];
}

export interface CardServerOptions {
  readonly cameras?: readonly CameraSettings[];
  /** From the start on. */
  readonly faults?: string;
  /** Further settings of the server and of its driver (test/native/stand-in/stand_in.h). */
  readonly environment?: Readonly<Record<string, string>>;
}

export function engineOf(camera: CameraReport): EngineUse {
  return camera.engine as EngineUse;
}

/** A server on the stand-in driver, whose faults the test sets. Stopped, and its driver's report read, at the end. */
export class CardServer {
  readonly server: FramewellServer;
  readonly #faultFile: string;

  private constructor(server: FramewellServer, faultFile: string) {
    this.server = server;
    this.#faultFile = faultFile;
  }

  static async start(
    cleanup: Cleanup,
    { cameras = [], faults = '', environment = {} }: CardServerOptions,
  ): Promise<CardServer> {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-stand-in-'));
    cleanup.add(folder, (it) => rm(it, { recursive: true }));
    const faultFile = join(folder, 'faults');
    const report = join(folder, 'report');
    await writeFile(faultFile, faults);
    const server = await FramewellServer.start({
      cameras,
      environment: {
        ADMIN_TOKEN,
        STATE_FILE: join(folder, 'cameras.json'),
        FRAMEWELL_STAND_IN_FAULT_FILE: faultFile,
        FRAMEWELL_STAND_IN_REPORT: report,
        ...environment,
      },
    });
    cleanup.add(server, async (it) => {
      await it.stop();
      assert.equal(await readFile(report, 'utf8'), '', 'rules of the driver that were broken');
    });
    return new CardServer(server, faultFile);
  }

  /** As FRAMEWELL_STAND_IN_FAULTS has them; the calls are counted from now on. */
  setFaults(faults: string): Promise<void> {
    return writeFile(this.#faultFile, faults);
  }

  async gpus(): Promise<readonly GpuStatus[]> {
    return ((await this.server.get('/gpu')).json() as GpuReport).gpus;
  }

  async addCamera(camera: CameraSettings): Promise<void> {
    assert.equal((await this.#ask('POST', '/cameras', camera)).status, 201);
  }

  async removeCamera(id: string): Promise<void> {
    assert.equal((await this.#ask('DELETE', `/cameras/${id}`)).status, 204);
  }

  #ask(method: string, path: string, body?: object): Promise<Response> {
    return fetch(new URL(path, this.server.origin), {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}
