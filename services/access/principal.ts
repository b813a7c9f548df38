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

/** The same, as far as it may see these cameras, and with no more than looking at them. */
export function narrowedTo(principal: Principal, cameraIds: readonly string[]): Principal {
  const cameras = new Set(cameraIds.filter((id) => maySee(principal, id)));
  return { name: principal.name, role: 'viewer', cameras };
}

export function maySee({ cameras }: Principal, cameraId: string): boolean {
  return cameras === undefined || cameras.has(cameraId);
}
