import { CAMERA_KEYS } from '../config-camera-keys.js';
import { shown, type ConfigKey, type KeyValue } from '../config-key.js';
import { ParameterError } from '../errors.js';
import type { CameraConfig } from './camera-config.js';
import { CameraSource } from './camera-source.js';

type Keys = typeof CAMERA_KEYS;

/** A camera or a part of it as a program gives it: what .env has, under the same names without CAMERA_ and number. */
export type CameraFields = { readonly [Name in keyof Keys]?: KeyValue<Keys[Name]> };

const KEYS: Readonly<Record<string, ConfigKey<unknown>>> = CAMERA_KEYS;

/** @throws ParameterError, which shows neither URL nor login. */
export function readCameraFields(given: Readonly<Record<string, unknown>>): CameraFields {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, readField(name, value)]));
}

function readField(name: string, value: unknown): unknown {
  const key = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
  if (key === undefined) throw new ParameterError('the camera', Object.keys(KEYS).join(', '), 'another field');
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new ParameterError(name, key.expected, typeof value);
  const read = key.parse(String(value));
  if (read === undefined) throw new ParameterError(name, key.expected, shown(key, String(value)));
  return read;
}

/** @throws ParameterError */
export function newCamera({ id, url, name, decode = 'on-demand', ...source }: CameraFields): CameraConfig {
  if (id === undefined) throw new ParameterError('id', CAMERA_KEYS.id.expected, 'none');
  if (url === undefined) throw new ParameterError('url', CAMERA_KEYS.url.expected, 'none');
  return { id, name: name ?? id, source: new CameraSource(url, source), decode };
}

/** @throws ParameterError */
export function changedCamera(camera: CameraConfig, { id, name, decode, ...source }: CameraFields): CameraConfig {
  if (id !== undefined) throw new ParameterError('id', 'none, as a camera keeps its own,', JSON.stringify(id));
  return {
    id: camera.id,
    name: name ?? camera.name,
    source: camera.source.changed(source),
    decode: decode ?? camera.decode,
  };
}
