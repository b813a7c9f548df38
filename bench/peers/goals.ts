import { atMost, type Goal } from '../support/goals.js';
import { percentile } from '../support/statistics.js';
import type { FloorComparison } from './floor.js';
import type { PeerFigures } from './measure-peer.js';

/** Ours beside what they should be; the numbers are those of docs/benchmarks.md. */
export function goalsOf(
  ours: PeerFigures,
  go2rtc: PeerFigures | undefined,
  toFloor: FloorComparison | undefined,
): readonly Goal[] {
  const { idleCpu, snapshotCpu, viewerCpu, responseMs, snapshotAgeMs, viewerAgeMs } = ours;
  return [
    atMost(1 / 6, 'times', "1. idle camera: CPU to go2rtc's", go2rtc && idleCpu / go2rtc.idleCpu),
    atMost(4, '% of one core', '2. a snapshot a second: CPU of a camera', snapshotCpu),
    atMost(5, 'ms', '2. snapshot response, p50', percentile(responseMs, 0.5)),
    atMost(40, 'ms', '2. snapshot response, p99', percentile(responseMs, 0.99)),
    atMost(28, 'ms', '2. snapshot age, p50', percentile(snapshotAgeMs, 0.5)),
    atMost(8, '% of one core', '3. a viewer: CPU of a camera', viewerCpu),
    atMost(1.08, 'times', '3. a viewer: CPU to decoding and encoding alone', toFloor?.times),
    atMost(10, 'ms', '3. a viewer: picture age, p50', percentile(viewerAgeMs, 0.5)),
    atMost(30, 'ms', '3. a viewer: picture age, p99', percentile(viewerAgeMs, 0.99)),
  ];
}
