/** Preloaded into the server: on SIGUSR2 it collects garbage and says so. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collect();
  process.stderr.write('Garbage collected\n');
});
