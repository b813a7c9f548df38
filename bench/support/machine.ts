import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

/** When and on what a benchmark ran, without what would name the machine. */
export function describeRun(): string {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return `${date} UTC, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${system}, Linux ${release()}, Node ${process.version}`;
}
