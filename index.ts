/** Framewell as a library. The server in server.ts is one user of it; examples/ has others. */
export { CameraSource, type Transport } from './services/cameras/camera-source.js';
export { ERROR_CODES, FramewellError, ParameterError, StreamError, type ErrorCode } from './services/errors.js';
export type {
  Cause,
  DecodedFrame,
  DecodeMode,
  EncodeOptions,
  EngineName,
  PictureRegion,
} from './services/stream/decode-backend.js';
export { encodeFrameToJpeg } from './services/stream/frame-owner.js';
export { StreamDecoder, type LatestFrameOptions, type StreamDecoderOptions } from './services/stream/stream-decoder.js';
export { StreamDecoderFactory } from './services/stream/stream-decoder-factory.js';
export type { StreamState, StreamStatus } from './services/stream/stream-status.js';
