import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';

const FASTIFY_MADE = 'fastify.initialization';

/** Every route, "GET /path", that an app gets which is built meanwhile; its own and those of its plugins. */
export class AppRoutes {
  readonly all: RouteOptions[] = [];
  readonly #onMade = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void this.all.push(route));
  };

  constructor() {
    subscribe(FASTIFY_MADE, this.#onMade);
  }

  get names(): string[] {
    return this.all.flatMap(({ method, url }) => [method].flat().map((name) => `${name} ${url}`));
  }

  stop(): void {
    unsubscribe(FASTIFY_MADE, this.#onMade);
  }
}
