import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

import type { Cleanup } from '../support/cleanup.js';

export interface Request {
  readonly method: string;
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
}

/** Passes RTSP connections on to a server of this machine, and hears what the clients ask. */
export class ListeningProxy {
  /** Of all connections, in the order in which they came. */
  readonly requests: Request[] = [];
  readonly #url: URL;

  private constructor(url: URL) {
    this.#url = url;
  }

  /** `url` leads to the server. */
  static async start(url: string, cleanup: Cleanup): Promise<ListeningProxy> {
    const behind = new URL(url);
    const proxy = new ListeningProxy(new URL(url));
    const server = createServer((client) => {
      const camera = connect(Number(behind.port), behind.hostname);
      client.on('data', (bytes) => {
        proxy.#hear(bytes.toString('latin1'));
        camera.write(bytes);
      });
      camera.pipe(client);
      for (const [one, other] of [
        [client, camera],
        [camera, client],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    cleanup.add(server, async (it) => void it.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    proxy.#url.port = String((server.address() as AddressInfo).port);
    return proxy;
  }

  /** The same path as the server's, by way of the proxy. */
  get url(): string {
    return this.#url.href;
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  /** Between PLAY and TEARDOWN of one session nothing but `method` was asked, at most `withinMs` apart. */
  assertKeptAlive(method: string, withinMs: number): void {
    const playedAt = this.requests.findIndex((request) => request.method === 'PLAY');
    const session = this.requests.slice(playedAt).filter((request) => request.method !== 'TEARDOWN');
    const [, ...signs] = session;
    assert.deepEqual(new Set(signs.map((sign) => sign.method)), new Set([method]));
    const longestMs = Math.max(...signs.map(({ atMs }, index) => atMs - session[index]!.atMs));
    assert.ok(longestMs <= withinMs, `Expected a sign of life every ${withinMs} ms but waited ${longestMs} ms`);
  }

  /** A client sends each request as a whole. */
  #hear(text: string): void {
    const atMs = performance.now();
    for (const [, method] of text.matchAll(/^([A-Z_]+) rtsp:/gm)) this.requests.push({ method: method!, atMs });
  }
}
