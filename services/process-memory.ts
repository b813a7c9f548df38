import { setFlagsFromString } from 'node:v8';
import { loadNativeAddon } from './native-binding.js';

/** Of what a collection leaves of the heap, how much may come until the next one. */
const HEAP_GROWTH_PERCENT = 300;
/** The main thread's, and one more, so that it does not wait for the engine's threads. */
const MALLOC_ARENAS = 2;

/**
 * Has V8 and the C library hold the memory that the server needs, instead of what it once might have used. For the
 * whole process; docs/benchmarks.md has the figures of each.
 *
 * - Pictures are collected as what they are: large, and dead as soon as they are sent. V8 counts buffers against the
 *   growth that it allows its heap, though they lie outside of it. The server's heap is some 20 MB, so by itself V8
 *   marks all of it whenever 10 MB of JPEGs have passed, every second with four viewers at full rate. With more room
 *   it first comes to 32 MB of new buffers, at which it looks through the new objects alone: a tenth of the cost.
 * - The space for new objects keeps the size that loading the program gave it. By itself it grows to 32 MB, of which
 *   every page is touched in the course of hours, for objects that are mostly dead within milliseconds.
 * - The threads share the C library's heaps. By itself glibc makes up to eight for each core, and each keeps what its
 *   threads had in use at their fullest moments.
 *
 * @throws StreamError ERR_NATIVE_LOAD
 */
export function keepMemorySmall(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
  loadNativeAddon().limitMallocArenas(MALLOC_ARENAS);
}
