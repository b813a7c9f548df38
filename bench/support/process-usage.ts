import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc in a second: sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process since its start, user and system, in milliseconds; proc(5), /proc/pid/stat. */
export function cpuTimeMs(pid: number): number {
  const { userTicks, systemTicks } = readStat(pid);
  return ((userTicks + systemTicks) * 1000) / TICKS_PER_SECOND;
}

/** The same of several processes and all their descendants, those included that have ended in between. */
export function treeCpuTimeMs(roots: readonly number[]): number {
  const ticks = processTree(roots).map(readStatIfThere);
  const sum = ticks.reduce(
    (total, stat) => total + (stat ? stat.userTicks + stat.systemTicks + stat.endedTicks : 0),
    0,
  );
  return (sum * 1000) / TICKS_PER_SECOND;
}

/** Memory of a process, pages shared with others counted by share, in KiB. */
export function proportionalSetKiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]);
}

/** The same of several processes and all their descendants. */
export function treeProportionalSetKiB(roots: readonly number[]): number {
  return processTree(roots).reduce((sum, pid) => sum + (ifThere(() => proportionalSetKiB(pid)) ?? 0), 0);
}

interface Stat {
  readonly parent: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  /** Of children that have ended and were waited for. */
  readonly endedTicks: number;
}

function readStat(pid: number): Stat {
  // The second field, the command's name in parentheses, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
  return {
    parent: fields[1]!,
    userTicks: fields[11]!,
    systemTicks: fields[12]!,
    endedTicks: fields[13]! + fields[14]!,
  };
}

function readStatIfThere(pid: number): Stat | undefined {
  return ifThere(() => readStat(pid));
}

function processTree(roots: readonly number[]): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStatIfThere(pid) : undefined;
    if (!stat) continue;
    const siblings = childrenOf.get(stat.parent);
    if (siblings) siblings.push(pid);
    else childrenOf.set(stat.parent, [pid]);
  }
  const withDescendants = (pid: number): number[] => [pid, ...(childrenOf.get(pid) ?? []).flatMap(withDescendants)];
  return roots.flatMap(withDescendants);
}

/** Undefined where the process has ended meanwhile. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
