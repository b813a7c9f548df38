const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A span of time in the coarsest words that still say something: "4 s", "12 min", "3 h 5 min", "2 d 4 h".
 * @param {number} ms
 */
export function formatSpan(ms) {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS) return `${Math.floor(span / HOUR_MS)} h ${Math.floor((span % HOUR_MS) / MINUTE_MS)} min`;
  return `${Math.floor(span / DAY_MS)} d ${Math.floor((span % DAY_MS) / HOUR_MS)} h`;
}

/**
 * The age of a picture. Under a second it is "now": a number that changes with every frame would only flicker.
 * @param {number} ms
 */
export function formatAge(ms) {
  return ms < SECOND_MS ? 'now' : `${formatSpan(ms)} ago`;
}
