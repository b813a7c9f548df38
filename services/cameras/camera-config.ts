import { closestWord } from '../closest-word.js';
import { CAMERA_KEYS } from '../config-camera-keys.js';
import { readKey, type Environment, type KeyValues } from '../config-key.js';
import { SERVER_KEYS } from '../config-keys.js';
import { ParameterError } from '../errors.js';
import type { DecodeMode } from '../stream/decode-backend.js';
import { CameraSource } from './camera-source.js';

/** One camera as it was set up. */
export interface CameraConfig {
  /** Stands in paths of the API; no two cameras have the same. */
  readonly id: string;
  readonly name: string;
  readonly source: CameraSource;
  readonly decode: DecodeMode;
}

const NUMBERED = /^(CAMERA_[A-Z_]*[A-Z])_(0|[1-9]\d{0,8})$/;
/** Begins as theirs do, but is the server's. */
const OTHER_NAMES: readonly string[] = [SERVER_KEYS.cameraNetworks.name];
const KEY_NAMES: readonly string[] = Object.values(CAMERA_KEYS).map((key) => key.name);

/** Reads CAMERA_URL_1, CAMERA_URL_2, … and their companions; what is wrong is added to `problems`. */
export function readCameras(environment: Environment, problems: string[]): CameraConfig[] {
  const cameras: CameraConfig[] = [];
  for (const number of cameraNumbers(environment, problems)) {
    const camera = readCamera(number, environment, problems);
    if (camera === undefined) continue;
    if (cameras.some(({ id }) => id === camera.id)) {
      problems.push(
        `Expected an id of its own for CAMERA_ID_${number} but received ${JSON.stringify(camera.id)} again`,
      );
    }
    cameras.push(Object.freeze(camera));
  }
  return cameras;
}

/** The numbers in use, ascending. A key that is none of ours is most likely a slip, and would else change nothing. */
function cameraNumbers(environment: Environment, problems: string[]): number[] {
  const numbers = new Set<number>();
  for (const name of Object.keys(environment).filter((key) => key.startsWith('CAMERA_'))) {
    if (OTHER_NAMES.includes(name)) continue;
    const [, stem, number] = NUMBERED.exec(name) ?? [];
    if (stem !== undefined && KEY_NAMES.includes(`${stem}_n`)) numbers.add(Number(number));
    else problems.push(`Expected a known key but received ${name}; did you mean ${closestKey(name)}?`);
  }
  return [...numbers].sort((a, b) => a - b);
}

function closestKey(name: string): string {
  const number = /\d*$/.exec(name)?.[0] || '1';
  const keys = KEY_NAMES.map((key) => numbered(key, Number(number)));
  return closestWord(name, keys)!;
}

function readCamera(number: number, environment: Environment, problems: string[]): CameraConfig | undefined {
  const given = Object.fromEntries(
    Object.entries(CAMERA_KEYS).map(([property, key]) => {
      return [property, readKey<unknown>({ ...key, name: numbered(key.name, number) }, environment, problems)];
    }),
  ) as Partial<KeyValues<typeof CAMERA_KEYS>>;
  const { url, id = `camera-${number}`, name = id, user, password, transport, ingest, track, decode } = given;
  if (url === undefined) {
    problems.push(`Expected CAMERA_URL_${number} beside the other keys of camera ${number} but received none`);
    return undefined;
  }
  // Their keys have defaults: they are missing only when a problem was noted.
  if (transport === undefined || ingest === undefined || decode === undefined) return undefined;
  try {
    const source = new CameraSource(url, {
      transport,
      ingest,
      ...(track !== undefined && { track }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
    });
    return { id, name, source, decode };
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    const hint = url.includes('@') ? `; CAMERA_PASSWORD_${number} takes a password as it is` : '';
    problems.push(`Expected ${error.expected} for CAMERA_URL_${number} but received ${error.received}${hint}`);
    return undefined;
  }
}

function numbered(name: string, number: number): string {
  return name.replace(/n$/, String(number));
}
