import { ConfigError } from './config.js';
import { FramewellError } from './errors.js';

/** What whoever started it can do something about is said in a sentence; anything else needs its stack. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.map((problem) => `- ${problem}`).join('\n');
  if (error instanceof FramewellError) return error.message;
  const { code, address, port, stack } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is in use; set PORT to another one`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs more rights; set PORT to one above 1023`;
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine; set HOST to one that is`;
  return stack ?? String(error);
}
