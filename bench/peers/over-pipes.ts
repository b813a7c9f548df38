import type { Readable } from 'node:stream';
import { readParts } from '../support/multipart.js';
import type { RunningPeer } from './peer.js';

/**
 * The pictures of a peer that writes each camera's into a pipe without end. Whoever wants the newest has to read all of
 * them: a snapshot is what was read last, at no cost to the peer beyond that.
 */
export function picturesOverPipes(pipes: readonly Readable[]): Pick<RunningPeer, 'snapshot' | 'watch'> {
  const cameras = pipes.map((pipe) => {
    const viewers = new Set<(jpeg: Buffer) => void>();
    const camera = { viewers, newest: undefined as Buffer | undefined };
    readParts(pipe, (jpeg) => {
      camera.newest = jpeg;
      for (const show of viewers) show(jpeg);
    });
    return camera;
  });
  return {
    async snapshot(camera) {
      const { newest } = cameras[camera]!;
      if (!newest) throw new Error('Expected a picture but there has been none');
      return newest;
    },
    watch(camera, show) {
      const { viewers } = cameras[camera]!;
      viewers.add(show);
      return () => viewers.delete(show);
    },
  };
}
