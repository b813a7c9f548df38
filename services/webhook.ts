import { createHmac } from 'node:crypto';
import type { CameraEvent } from './cameras/camera-events.js';
import type { TransitionLog } from './cameras/transition-log.js';
import type { Clock } from './stream/clock.js';

export interface WebhookOptions {
  readonly url: string;
  /** Key of the signature; what is sent is unsigned without it. */
  readonly secret?: string | undefined;
  readonly log: TransitionLog;
  readonly clock: Clock;
}

/** Events that wait; beyond it the oldest are dropped, since news of a camera makes its older ones pointless. */
const MOST_WAITING = 1000;
const REQUEST_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** About ten minutes of tries. */
const MOST_TRIES = 15;

/**
 * Posts every event as JSON to one URL, in order and one at a time. What is not answered with 2xx is sent again after
 * growing pauses, under the same id, so that the receiver can tell a repetition.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #waiting: { readonly id: string; readonly body: string }[] = [];
  readonly #stop = new AbortController();
  #request: AbortController | undefined;
  #sending: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  tell(event: CameraEvent): void {
    const { atMs, ...facts } = event;
    this.#waiting.push({ id: event.id, body: JSON.stringify({ ...facts, at: new Date(atMs).toISOString() }) });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#sending ??= this.#sendAll();
  }

  /** What has not been sent by now is not sent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#request?.abort();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next && !this.#stop.signal.aborted; next = this.#waiting.shift()) {
      await this.#sendWithRetries(next);
    }
    // In the same turn in which nothing was left to send: what comes later starts anew.
    this.#sending = undefined;
  }

  async #sendWithRetries({ id, body }: { readonly id: string; readonly body: string }): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && !this.#stop.signal.aborted; tries++) {
      const problem = await this.#send(id, body);
      this.#note(problem);
      if (problem === undefined) return;
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS);
      await this.#options.clock.sleep(pauseMs, this.#stop.signal);
    }
    if (!this.#stop.signal.aborted) this.#options.log.warn({ eventId: id }, 'Webhook event given up');
  }

  /** Undefined when it was taken, else why not. */
  async #send(id: string, body: string): Promise<string | undefined> {
    const { url, secret } = this.#options;
    const seconds = Math.floor(this.#options.clock.now() / 1000);
    // The time is covered too, so that a receiver can refuse what is replayed later.
    const signature = secret && createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    // Not a signal made of #stop's: Node keeps a trace of each of those for as long as #stop lives.
    const request = (this.#request = new AbortController());
    const timeout = setTimeout(() => request.abort(new DOMException('No answer', 'TimeoutError')), REQUEST_TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Framewell-Event-Id': id,
          ...(signature && { 'X-Framewell-Signature': `t=${seconds},v1=${signature}` }),
        },
        body,
        redirect: 'error',
        signal: request.signal,
      });
      await response.body?.cancel();
      return response.ok ? undefined : `status ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Once when it begins to fail and once when it works again; the URL may hold a key and is not shown. */
  #note(problem: string | undefined): void {
    const isFailing = problem !== undefined;
    if (isFailing === this.#isFailing || this.#stop.signal.aborted) return;
    this.#isFailing = isFailing;
    if (isFailing) this.#options.log.warn({ problem }, 'Webhook not answered');
    else this.#options.log.info({}, 'Webhook answered again');
  }
}
