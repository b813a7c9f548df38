// Imported before everything else in each Node process of a run under sanitizers: has it load the engine that is built
// for them in place of the usual one, and keeps their run time to Node's processes and our own programs. Others would
// inherit it with the environment: curl stands still with it, Python's GStreamer aborts, and neither is looked at.
import { ChildProcess, spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const programs = fileURLToPath(new URL('../../build/', import.meta.url));
const { FRAMEWELL_SANITIZER_RUNTIME: runtime, FRAMEWELL_SANITIZED_ADDON: addon, LD_PRELOAD: preloaded } = process.env;

// Started by a shell, say: once more, with what has to be there before Node is.
if (preloaded === undefined && isMainThread) {
  const env = { ...process.env, LD_PRELOAD: runtime };
  const again = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], { env, stdio: 'inherit' });
  process.exit(again.status ?? 1);
}
delete process.env.LD_PRELOAD;

const { spawn } = ChildProcess.prototype;
/** What every way to start a process comes to but the synchronous ones. A child may have an environment of its own. */
ChildProcess.prototype.spawn = function (options) {
  const isOurs = options.file === process.execPath || options.file.startsWith(programs);
  const isInRun = options.envPairs.some((pair) => pair.startsWith('FRAMEWELL_SANITIZER_RUNTIME='));
  if (isOurs && isInRun) options.envPairs.push(`LD_PRELOAD=${runtime}`);
  return spawn.call(this, options);
};

const { dlopen } = process;
process.dlopen = (module, path, ...flags) => {
  const isEngine = path.endsWith('/build/Release/framewell.node');
  return dlopen.call(process, module, isEngine ? addon : path, ...flags);
};
