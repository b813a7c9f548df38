import { Agent, get } from 'node:http';
import { readParts } from '../support/multipart.js';
import type { RunningPeer } from './peer.js';

export interface PictureUrls {
  snapshot(camera: number): string;
  stream(camera: number): string;
}

/** The pictures of a peer that serves them over HTTP: JPEG, and multipart/x-mixed-replace. */
export function picturesOverHttp(urls: PictureUrls): Pick<RunningPeer, 'snapshot' | 'watch'> {
  const agent = new Agent({ keepAlive: true });
  return {
    snapshot: (camera) => fetchPicture(urls.snapshot(camera), agent),
    watch(camera, show) {
      // Whoever counts the pictures sees where they are missing.
      const request = get(urls.stream(camera), { agent: false }, (response) => {
        if (response.statusCode === 200) readParts(response, show);
        response.on('error', () => undefined);
      });
      request.on('error', () => undefined);
      return () => request.destroy();
    },
  };
}

function fetchPicture(url: string, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        if (isJpeg(body)) resolve(body);
        else reject(new Error(`Expected a picture but received ${response.statusCode} with ${body.length} bytes`));
      });
    }).on('error', reject);
  });
}

function isJpeg(body: Buffer): boolean {
  return body.length > 2 && body.readUInt16BE(0) === 0xffd8;
}
