import { setFlagsFromString } from 'node:v8';

/** Of what a collection leaves of the heap, how much may come until the next one. */
const GROWTH_PERCENT = 300;

/**
 * Has pictures collected as what they are: large, and dead as soon as they are sent. V8 counts buffers against the
 * growth that it allows its heap, though they lie outside of it. The server's heap is some 20 MB, so by itself V8 marks
 * all of it whenever 10 MB of JPEGs have passed, every second with four viewers at full rate. With more room it first
 * comes to 32 MB of new buffers, at which it looks through the new objects alone: a tenth of the marking's cost.
 * For the whole process, from its next collection on. docs/benchmarks.md has the figures.
 */
export function collectPicturesYoung(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
