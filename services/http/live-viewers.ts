import type { EventEmitter } from 'node:events';
import { LOWEST_RUNG } from '../jpeg/rungs.js';
import type { MultipartViewer } from './multipart-viewer.js';
import type { WebSocketViewer } from './viewer.js';

/** A connection on which somebody watches. */
export interface LiveViewer {
  /** How far its pictures are reduced for its link; 0 is not at all. */
  readonly rung: number;
}

/** Everybody who watches now. */
export class LiveViewers {
  readonly websocket = new ViewerGroup<WebSocketViewer>();
  readonly multipart = new ViewerGroup<MultipartViewer>();
}

/** Those who watch in one way, and what all who ever did were sent. */
export class ViewerGroup<Viewer extends LiveViewer> {
  readonly #open = new Set<Viewer>();
  #sent = 0;
  #dropped = 0;

  /** Until the connection closes. */
  add(viewer: Viewer, connection: EventEmitter): void {
    this.#open.add(viewer);
    connection.once('close', () => this.#open.delete(viewer));
  }

  /** A picture was sent, and so many before it were not: see PictureGaps. */
  countSent(dropped: number): void {
    this.#sent += 1;
    this.#dropped += dropped;
  }

  get open(): Iterable<Viewer> {
    return this.#open;
  }

  /** How many there are on each rung. */
  get byRung(): readonly number[] {
    const counts = Array<number>(LOWEST_RUNG + 1).fill(0);
    for (const { rung } of this.#open) counts[rung]! += 1;
    return counts;
  }

  /** Since the start, over all of them. */
  get pictures(): { readonly sent: number; readonly dropped: number } {
    return { sent: this.#sent, dropped: this.#dropped };
  }
}
