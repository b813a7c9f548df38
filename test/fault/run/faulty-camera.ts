import { DEFAULT_BEHAVIOUR, type Auth } from '../../../simulator/behaviour.js';
import type { Mount } from '../../../simulator/mount.js';
import type { Fault, Random } from './faults.js';
import { SendingLog } from './sending-log.js';

export interface FaultyCameraOptions {
  readonly id: string;
  readonly mount: Mount;
  /** Of the clip's frames in the numbering of the source. */
  readonly firstFrame: number;
  /** What it asks for while nothing is wrong. */
  readonly auth: Auth;
}

/** A camera of the fault run. */
export class FaultyCamera {
  readonly id: string;
  readonly mount: Mount;
  readonly firstFrame: number;
  readonly sendings: SendingLog;
  readonly #auth: Auth;
  #fault: Fault | undefined;
  #lastFault = 'no fault';

  constructor({ id, mount, firstFrame, auth }: FaultyCameraOptions) {
    this.id = id;
    this.mount = mount;
    this.firstFrame = firstFrame;
    this.#auth = auth;
    this.sendings = new SendingLog(mount);
    this.mend();
  }

  /** What is wrong with it now, where that lasts. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** For messages. */
  toString(): string {
    return `${this.id} (${this.#lastFault}${this.#fault ? '' : ', over'})`;
  }

  /** Gives whether the fault lasts, until `mend()`. */
  strike(fault: Fault, random: Random): boolean {
    this.#lastFault = fault.name;
    const behaviour = fault.begin(this.mount, random);
    if (!behaviour) return false;
    this.#fault = fault;
    this.mount.change(behaviour);
    return true;
  }

  mend(): void {
    this.#fault = undefined;
    this.mount.change({ ...DEFAULT_BEHAVIOUR, auth: this.#auth });
  }
}
