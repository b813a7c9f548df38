// Imported before everything else in each Node process of a run under sanitizers: has it load the engine that is built
// for them in place of the usual one.
import process from 'node:process';

const { dlopen } = process;
process.dlopen = (module, path, ...flags) => {
  const isEngine = path.endsWith('/build/Release/framewell.node');
  return dlopen.call(process, module, isEngine ? process.env.FRAMEWELL_SANITIZED_ADDON : path, ...flags);
};
