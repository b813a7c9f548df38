/**
 * When a viewer that has just been shown a picture may be shown the next, in Unix milliseconds: time is divided into
 * slots of 1/fps, with a picture in each. The slots are the same for all, so that viewers with the same rate want the
 * same pictures and share their encodes.
 */
export function nextSlotMs(fps: number | undefined, nowMs: number): number {
  if (fps === undefined) return nowMs;
  return (slotOf(fps, nowMs) + 1) * (1000 / fps);
}

/** Number of the slot in which that time is. */
export function slotOf(fps: number, unixMs: number): number {
  return Math.floor(unixMs / (1000 / fps));
}
