/** Leaves by leaveInOrder; its close and the fault that it has are named by its arguments. Prints 'ready' once up. */
import { pino } from 'pino';
import { leaveInOrder } from '../../services/leaving.js';

const [close, fault] = process.argv.slice(2);

const closes: Record<string, () => Promise<void>> = {
  closes: async () => console.log('closed'),
  hangs: () => new Promise(() => undefined),
  fails: () => Promise.reject(new Error('the close failed')),
};

leaveInOrder(closes[close!]!, pino(pino.destination({ fd: 2, sync: true })));
// Something that goes on until the exit, as a listening server does.
setInterval(() => undefined, 1000);
console.log('ready');

if (fault === 'throws') {
  setImmediate(() => {
    throw new Error('nobody catches this');
  });
}
if (fault === 'rejects') void Promise.reject(new Error('nobody handles this'));
