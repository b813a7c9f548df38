import { newEventId, type CameraEvent } from './camera-events.js';

/** Some hundred bytes each. */
const MOST_KEPT = 1000;

/** The newest events, for who was away for a while. */
export class EventHistory {
  readonly #most: number;
  readonly #events: CameraEvent[] = [];
  /** Stands for the event before the oldest that is kept. */
  #before = newEventId();

  constructor(most = MOST_KEPT) {
    this.#most = most;
  }

  add(event: CameraEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#most) this.#before = this.#events.shift()!.id;
  }

  /** What `after` gives nothing for until something happens. */
  get position(): string {
    return this.#events.at(-1)?.id ?? this.#before;
  }

  /** The events since that position, in order; undefined when some of them are not kept any more. */
  after(position: string): readonly CameraEvent[] | undefined {
    if (position === this.#before) return this.#events.slice();
    const index = this.#events.findLastIndex(({ id }) => id === position);
    return index < 0 ? undefined : this.#events.slice(index + 1);
  }
}
