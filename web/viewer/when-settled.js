// Longer than the pauses between two events of one movement, too short to be felt as waiting.
const QUIET_MS = 120;

/**
 * What calls `act` once, after a burst of calls has ended: while a window is being resized or scrolled, each frame has
 * another size or other tiles in sight.
 * @param {() => void} act
 */
export function whenSettled(act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, QUIET_MS);
  };
}
