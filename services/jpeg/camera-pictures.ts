import type { CameraStream } from '../cameras/camera-registry.js';
import type { TransitionLog } from '../cameras/transition-log.js';
import { systemClock } from '../stream/clock.js';
import type { EncodeOptions } from '../stream/decode-backend.js';
import type { Freshness, Moment } from './freshness.js';
import { JpegFeed, type Seat, type Viewer } from './jpeg-feed.js';
import { PictureCache, type EncodeJpeg, type Picture } from './picture-cache.js';
import { transcodeJpeg } from './picture-format.js';
import { keyOf } from './picture-options.js';
import type { PictureWork } from './picture-work.js';
import { Snapshots } from './snapshots.js';

/** One camera as pictures: single ones and feeds, which share every encode. */
export class CameraPictures {
  readonly snapshots: Snapshots;
  readonly #stream: CameraStream;
  readonly #cache: PictureCache;
  readonly #feeds = new Map<string, JpegFeed>();

  constructor(stream: CameraStream, encode: EncodeJpeg, log: Pick<TransitionLog, 'warn'>, work: PictureWork) {
    this.#stream = stream;
    this.#cache = new PictureCache(work.counted(encode), log, work.counted(transcodeJpeg));
    this.snapshots = new Snapshots(stream, systemClock, this.#cache, work);
  }

  /** Those who watch now, over all sizes and qualities. */
  get viewers(): number {
    return [...this.#feeds.values()].reduce((sum, feed) => sum + feed.viewers, 0);
  }

  /** Since the start: pictures that were encoded, and times that one was given out that another had encoded. */
  get counters(): PictureCache['counters'] {
    return this.#cache.counters;
  }

  /** One JPEG, as new as `freshness` asks for; see `Snapshots.take` for what it throws. */
  snapshot(
    options: EncodeOptions,
    freshness: Freshness | Moment,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Picture> {
    return this.snapshots.take(options, freshness, signal, async (picture) => ({
      jpeg: await picture.encode(),
      ...picture.facts,
    }));
  }

  /** A viewer's seat in the feed of these pictures. */
  watch(viewer: Viewer, options: EncodeOptions): Seat {
    const key = keyOf(options);
    const feed = this.#feeds.get(key) ?? new JpegFeed(this.#stream, this.#cache, options);
    this.#feeds.set(key, feed);
    const { take, leave } = feed.join(viewer);
    return {
      take,
      leave: () => {
        leave();
        if (feed.viewers === 0 && this.#feeds.get(key) === feed) this.#feeds.delete(key);
      },
    };
  }
}
