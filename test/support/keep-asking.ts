import { encodeFrameToJpeg, type StreamDecoder } from '../../index.js';

/** Asks for one JPEG after the other. Ends when the decoder is stopped: the request then rejects. */
export async function keepAsking(decoder: StreamDecoder): Promise<void> {
  let afterSequence = -1;
  try {
    for (;;) {
      const frame = await decoder.getLatestFrame({ afterSequence });
      afterSequence = frame.sequence;
      await encodeFrameToJpeg(frame);
      frame.release();
    }
  } catch {
    return;
  }
}
