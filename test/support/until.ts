import { setTimeout as delay } from 'node:timers/promises';
import { ALLOWANCE } from './allowance.js';

/**
 * Asks again every 25 ms until there is an answer: for facts on the other side of HTTP, where no event tells.
 * Throws with `describe()` when `timeoutMs` have passed.
 */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  options: { timeoutMs: number; describe: () => string },
): Promise<T> {
  const timeoutMs = options.timeoutMs * ALLOWANCE;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${options.describe()} within ${timeoutMs} ms`);
    await delay(25);
  }
}
