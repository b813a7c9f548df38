import { keepMemorySmall } from './services/process-memory.js';

try {
  // Before the rest is loaded: what that takes for a moment, V8 and the C library would keep.
  keepMemorySmall();
  const { serve } = await import('./composition-root.js');
  await serve();
} catch (error) {
  const { reasonOf } = await import('./services/start-failure.js');
  process.stderr.write(`Framewell cannot start:\n${reasonOf(error)}\n`);
  process.exit(1);
}
