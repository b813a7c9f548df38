/** What a caller may do: look, or also change. */
export type Role = 'viewer' | 'admin';

/** Somebody who may use the API, and how much of it. */
export interface Principal {
  /** For the log; never a secret. */
  readonly name: string;
  readonly role: Role;
  /** The ids of the cameras that it may see; absent for all of them. */
  readonly cameras?: ReadonlySet<string>;
}

/** Whoever comes without credentials where that is allowed. */
export const ANONYMOUS: Principal = { name: 'anonymous', role: 'viewer' };

export function maySee({ cameras }: Principal, cameraId: string): boolean {
  return cameras === undefined || cameras.has(cameraId);
}
