import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server of one page, on an origin of its own. */
export class OtherSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async serve(html: string, headers: Readonly<Record<string, string>> = {}): Promise<OtherSite> {
    const server = createServer((request, response) => {
      if (request.url === '/')
        response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(html);
      // Browsers ask for it on their own.
      else response.writeHead(request.url === '/favicon.ico' ? 204 : 404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtherSite(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
