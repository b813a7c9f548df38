/**
 * Picture sizes that the page asks for. Few and fixed, so that viewers with slightly different windows share one
 * encode on the server. The server keeps the aspect ratio inside the box and never enlarges.
 */
const STEPS = [160, 240, 320, 480, 640, 960, 1280, 1920, 2560, 3840].map((width) => ({
  width,
  height: (width * 9) / 16,
}));

// Beyond two device pixels a CSS pixel nobody sees the difference, and the bytes grow with the square.
const MOST_PIXEL_RATIO = 2;

// Enlarging by a tenth is not seen either; without it a tile of 482 pixels would fetch the step of 640.
const TOLERANCE = 0.9;

/**
 * The smallest step that fills the box sharply.
 * @param {{ width: number, height: number }} box in CSS pixels
 * @param {{ width?: number | null, height?: number | null }} camera its picture's size, when known
 */
export function pictureStep(box, camera) {
  const ratio = Math.min(window.devicePixelRatio, MOST_PIXEL_RATIO) * TOLERANCE;
  const scale = camera.width && camera.height ? Math.min(box.width / camera.width, box.height / camera.height) : 0;
  const width = (scale ? (camera.width ?? 0) * scale : box.width) * ratio;
  const height = (scale ? (camera.height ?? 0) * scale : box.height) * ratio;
  return STEPS.find((step) => step.width >= width && step.height >= height) ?? STEPS[STEPS.length - 1];
}

/**
 * @param {string} cameraId
 * @param {{ width: number, height: number }} step
 */
export function streamUrl(cameraId, step) {
  const url = new URL(`cameras/${encodeURIComponent(cameraId)}/stream`, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = `?width=${step.width}&height=${step.height}`;
  return url.href;
}
