import { Counter, Gauge, type Registry } from 'prom-client';
import type { LiveViewers } from './live-viewers.js';

const PREFIX = 'framewell_';

/** Adds what Prometheus is told of those who watch, over all cameras together. */
export function collectViewerMetrics(registry: Registry, viewers: LiveViewers): void {
  const registers = [registry];
  const open = new Gauge({
    name: `${PREFIX}viewers`,
    help: 'Connections with live pictures, by how far these are reduced for the link: rung 0 is not at all',
    labelNames: ['transport', 'rung'],
    registers,
  });
  viewers.websocket.byRung.forEach((count, rung) => open.set({ transport: 'websocket', rung }, count));
  // An <img> says nothing of its link.
  open.set({ transport: 'multipart', rung: 0 }, viewers.multipart.byRung[0]!);
  const sent = new Counter({
    name: `${PREFIX}viewer_pictures_sent_total`,
    help: 'Live pictures sent to viewers',
    labelNames: ['transport'],
    registers,
  });
  const dropped = new Counter({
    name: `${PREFIX}viewer_pictures_dropped_total`,
    help: 'Pictures that a viewer asked for and was sent a newer one instead of: its link or this server was too slow',
    labelNames: ['transport'],
    registers,
  });
  for (const transport of ['websocket', 'multipart'] as const) {
    const { pictures } = viewers[transport];
    sent.inc({ transport }, pictures.sent);
    dropped.inc({ transport }, pictures.dropped);
  }
}
