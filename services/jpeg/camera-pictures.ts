import type { CameraStream } from '../cameras/camera-registry.js';
import type { TransitionLog } from '../cameras/transition-log.js';
import type { EncodeOptions } from '../stream/decode-backend.js';
import { JpegFeed, type Viewer } from './jpeg-feed.js';
import { PictureCache, type EncodeJpeg, type Picture } from './picture-cache.js';
import { takeSnapshot } from './snapshot.js';

/** One camera as JPEGs: single ones and feeds, which share every encode. */
export class CameraPictures {
  readonly #stream: CameraStream;
  readonly #cache: PictureCache;
  readonly #feeds = new Map<string, JpegFeed>();

  constructor(stream: CameraStream, encode: EncodeJpeg, log: Pick<TransitionLog, 'warn'>) {
    this.#stream = stream;
    this.#cache = new PictureCache(encode, log);
  }

  /** Those who watch now, over all sizes and qualities. */
  get viewers(): number {
    return [...this.#feeds.values()].reduce((sum, feed) => sum + feed.viewers, 0);
  }

  snapshot(options: EncodeOptions): Promise<Picture> {
    return takeSnapshot(this.#stream, this.#cache, options);
  }

  /** Shows the viewer every picture that it can take, until the returned function is called. */
  watch(viewer: Viewer, options: EncodeOptions): () => void {
    const key = `${options.width}x${options.height}q${options.quality}`;
    const feed = this.#feeds.get(key) ?? new JpegFeed(this.#stream, this.#cache, options);
    this.#feeds.set(key, feed);
    const leave = feed.join(viewer);
    return () => {
      leave();
      if (feed.viewers === 0 && this.#feeds.get(key) === feed) this.#feeds.delete(key);
    };
  }
}
