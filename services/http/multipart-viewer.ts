import type { ServerResponse } from 'node:http';
import type { Viewer } from '../jpeg/jpeg-feed.js';
import type { Picture } from '../jpeg/picture-cache.js';

const BOUNDARY = 'frame';

export const MULTIPART_HEADERS = {
  'Content-Type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
  'Cache-Control': 'no-store',
  Connection: 'close',
};

/** A viewer whose connection takes nothing for so long is dropped. */
const WRITE_TIMEOUT_MS = 10_000;

/**
 * A live stream as one endless multipart answer, for <img>. Beyond the one picture being written nothing is held here;
 * HTTP has no word back from the viewer, so what the kernel has buffered on a slow network adds to its delay.
 */
export class MultipartViewer implements Viewer {
  readonly #response: ServerResponse;
  #writeTimeout: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, MULTIPART_HEADERS);
    response.write(`--${BOUNDARY}\r\n`);
    // Node forgets the callbacks of writes that were under way.
    response.on('close', () => clearTimeout(this.#writeTimeout));
  }

  show({ jpeg, sequence }: Picture): Promise<void> {
    this.#writeTimeout = setTimeout(() => this.#response.destroy(), WRITE_TIMEOUT_MS).unref();
    return new Promise((resolve) => {
      this.#response.cork();
      this.#response.write(
        `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\nX-Frame-Sequence: ${sequence}\r\n\r\n`,
      );
      this.#response.write(jpeg);
      // The next part's delimiter goes out with this part: browsers show a part when they have seen its end.
      this.#response.write(`\r\n--${BOUNDARY}\r\n`, (error) => {
        clearTimeout(this.#writeTimeout);
        this.#writeTimeout = undefined;
        // After an error the response closes, and the viewer leaves.
        if (!error) resolve();
      });
      this.#response.uncork();
    });
  }

  /** Ends the answer; at once, without the rest of the picture, when the viewer is not reading it. */
  end(): void {
    if (this.#writeTimeout) this.#response.destroy();
    else this.#response.end();
  }
}
