import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';
import type { PeerFigures } from './measure-peer.js';
import { QUALITY } from './peer.js';

/** Decoding and encoding alone, CPU milliseconds a frame. */
export interface Floor {
  readonly decodeMs: number;
  readonly encodeMs: number;
}

export interface FloorComparison extends Floor {
  /** Both, where as many clips as there are cameras take turns. */
  readonly inTurnsMs: number;
  /** What a picture takes the server, from the camera's packets to the viewer's socket. */
  readonly viewerMs: number;
  readonly times: number;
}

/** What bench/native/decode_encode measures, with so many streams of the clip in turns. */
export function measureFloor(clipPath: string, streams: number): Floor {
  const program = join(projectRoot, 'build/bench/decode_encode');
  const output = execFileSync(program, [clipPath, String(QUALITY), String(streams)], { encoding: 'utf8' });
  const [decodeMs, encodeMs] = output.split(' ').map(Number) as [number, number];
  return { decodeMs, encodeMs };
}

/** A viewer of each camera against the mean of the floors right before and after, of one stream. */
export function compareToFloor(
  { viewerCpu, viewerFps }: PeerFigures,
  floors: readonly Floor[],
  inTurns: Floor,
): FloorComparison {
  const mean = (of: (floor: Floor) => number): number =>
    floors.reduce((sum, floor) => sum + of(floor), 0) / floors.length;
  const [decodeMs, encodeMs] = [mean(({ decodeMs: ms }) => ms), mean(({ encodeMs: ms }) => ms)];
  const viewerMs = (viewerCpu * 10) / viewerFps;
  const inTurnsMs = inTurns.decodeMs + inTurns.encodeMs;
  return { decodeMs, encodeMs, inTurnsMs, viewerMs, times: viewerMs / (decodeMs + encodeMs) };
}

export function describeComparison(comparison: FloorComparison): string {
  const { decodeMs, encodeMs, inTurnsMs, viewerMs, times } = comparison;
  return (
    `A picture for a viewer takes framewell ${viewerMs.toFixed(2)} ms of CPU, from the camera's packets to the viewer's ` +
    `socket. Decoding alone takes ${decodeMs.toFixed(2)} ms and encoding by libjpeg-turbo without the right range ` +
    `${encodeMs.toFixed(2)} ms in a program that does nothing else: ${times.toFixed(2)} times. With as many clips in ` +
    `turns as there are cameras, that program takes ${inTurnsMs.toFixed(2)} ms for both: no picture is found in the caches.`
  );
}
