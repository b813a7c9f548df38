/**
 * Widths are asked for in steps, so that viewers with slightly different windows share one encode on the server.
 * Pixels.
 */
const STEP = 64;

/** The server's greatest. Pixels. */
const GREATEST = 8192;

// Beyond two device pixels a CSS pixel nobody sees the difference, and the bytes grow with the square.
const MOST_PIXEL_RATIO = 2;

/**
 * The least width, in the server's pixels, at which a picture fills its place on this screen sharply; the server keeps
 * the aspect ratio. Without a bound where the camera's own picture is not larger.
 * @param {{ width: number, height: number }} box in CSS pixels
 * @param {{ width?: number | null, height?: number | null }} camera its picture's size, when known
 * @param {'contain' | 'cover'} fit
 * @returns {import('./protocol.js').Limits}
 */
export function limitsFor(box, camera, fit = 'contain') {
  const pixels = shownWidth(box, camera, fit) * Math.min(globalThis.devicePixelRatio ?? 1, MOST_PIXEL_RATIO);
  const width = Math.min(Math.max(Math.ceil(Math.round(pixels) / STEP), 1) * STEP, GREATEST);
  return camera.width && camera.width <= width ? {} : { width };
}

/**
 * @param {{ width: number, height: number }} box
 * @param {{ width?: number | null, height?: number | null }} camera
 * @param {'contain' | 'cover'} fit
 */
function shownWidth(box, { width, height }, fit) {
  if (!width || !height) return box.width;
  const widthAtFullHeight = (box.height * width) / height;
  return fit === 'cover' ? Math.max(box.width, widthAtFullHeight) : Math.min(box.width, widthAtFullHeight);
}
