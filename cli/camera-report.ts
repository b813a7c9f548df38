import type { describeCamera } from '../services/http/camera-view.js';

/** A camera as GET /cameras and GET /cameras/:id tell of it. */
export type CameraReport = ReturnType<typeof describeCamera>;
