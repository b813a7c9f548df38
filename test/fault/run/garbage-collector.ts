/** Preloaded into the server: on SIGWINCH, which the server itself has no use for, it collects garbage and says so. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGWINCH', () => {
  collect();
  process.stderr.write('Garbage collected\n');
});
