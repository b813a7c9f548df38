/**
 * When a viewer that has just been shown a picture may be shown the next, in Unix milliseconds: time is divided into
 * slots of 1/fps, with a picture in each. The slots are the same for all, so that viewers with the same rate want the
 * same pictures and share their encodes.
 */
export function nextSlotMs(fps: number | undefined, nowMs: number): number {
  if (fps === undefined) return nowMs;
  const slotMs = 1000 / fps;
  return (Math.floor(nowMs / slotMs) + 1) * slotMs;
}
