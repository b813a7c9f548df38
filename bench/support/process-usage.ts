import { readFileSync } from 'node:fs';

/** Clock ticks of /proc in a second: sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process since its start, user and system, in milliseconds; proc(5), /proc/pid/stat. */
export function cpuTimeMs(pid: number): number {
  // The second field, the command's name in parentheses, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return ((userTicks + systemTicks) * 1000) / TICKS_PER_SECOND;
}

/** Memory of a process, pages shared with others counted by share, in KiB. */
export function proportionalSetKiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]);
}
