import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FramewellError } from '../errors.js';
import type { CameraConfig } from './camera-config.js';
import { readCameraFields } from './camera-fields.js';
import { CameraSource } from './camera-source.js';

const VERSION = 1;

/** A camera in the file; `url` is redacted where it has credentials that the file does not keep. */
interface StoredCamera extends Record<string, unknown> {
  readonly url: string;
  readonly isRedacted?: boolean;
}

/** The cameras that were added at run time, kept over a restart. */
export class StateFile {
  readonly #path: string;
  readonly #keepsCredentials: boolean;

  constructor(path: string, keepsCredentials: boolean) {
    this.#path = path;
    this.#keepsCredentials = keepsCredentials;
  }

  /** No camera where there is no file yet. @throws FramewellError ERR_STATE_FILE */
  async read(): Promise<CameraConfig[]> {
    try {
      const { version, cameras } = JSON.parse(await readFile(this.#path, 'utf8')) as {
        version: number;
        cameras: StoredCamera[];
      };
      if (version !== VERSION) throw new Error(`Expected version ${VERSION} but received ${version}`);
      return cameras.map(restored);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      // The parser's words may quote the file.
      const reason = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
      throw new FramewellError('ERR_STATE_FILE', `Expected cameras in STATE_FILE ${this.#path} but: ${reason}`);
    }
  }

  /** A crash leaves the old file or the new one, never a part. @throws FramewellError ERR_STATE_FILE */
  async write(cameras: readonly CameraConfig[]): Promise<void> {
    const text = JSON.stringify({ version: VERSION, cameras: cameras.map((camera) => this.#stored(camera)) }, null, 2);
    try {
      const temporary = `${this.#path}.new`;
      await writeThrough(temporary, `${text}\n`);
      await rename(temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      const { message } = error as Error;
      throw new FramewellError('ERR_STATE_FILE', `Expected STATE_FILE to be written but: ${message}`, { cause: error });
    }
  }

  #stored({ id, name, decode, source }: CameraConfig): StoredCamera {
    const { transport, ingest, track } = source;
    return { id, name, ...source.storedUrl(this.#keepsCredentials), transport, ingest, track, decode };
  }
}

function restored({ url, isRedacted = false, ...fields }: StoredCamera): CameraConfig {
  const { id = '', name = id, decode = 'on-demand', ...source } = readCameraFields(fields);
  return { id, name, source: new CameraSource(new URL(url), { ...source, isRedacted }), decode };
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    // The mode above counts for a new file only, and a crash may have left one.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renaming itself last. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
