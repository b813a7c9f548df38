import type { CameraSource } from '../cameras/camera-source.js';

/** When a camera's access units are decoded. See docs/adr for the reasons behind the default, `on-demand`. */
export type DecodeMode = 'on-demand' | 'always' | 'keyframes';

/**
 * What lost packets do. `strict`: no picture until the next keyframe. `tolerant`: pictures go on as long as the decoder
 * finds no damage in them; some smearing can pass it.
 */
export type LossPolicy = 'strict' | 'tolerant';

/** Which engine turns access units into pictures. */
export type EngineName = 'cpu' | 'cuda';

/** Which engine is asked for. `auto`: the GPU where there is one. `cuda`: the GPU or no start. */
export type EngineMode = 'auto' | EngineName;

/** A stable code to branch on and words for a person. Holds no credential. */
export interface Cause {
  readonly code: string;
  readonly message: string;
}

/**
 * One decoded picture. The pixels stay native (YUV on the CPU, NV12 on the card); only an encoder of the same
 * backend reads them. Whoever received it owns one reference: call `release()` when done; garbage collection is
 * only the safety net.
 */
export interface DecodedFrame {
  /** Counts the camera's pictures over all its sessions; grows strictly, gaps mean pictures that were lost. */
  readonly sequence: number;
  /** Presentation time of the stream, unwrapped, in microseconds. */
  readonly ptsUs: number;
  /** When the access unit's last packet was received, Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** When the camera says that it captured the picture (RTCP), Unix time in milliseconds. */
  readonly captureAtMs?: number;
  /** Display size in pixels: cropping applied, square pixels. */
  readonly width: number;
  readonly height: number;
  /** Gives the reference back. May be called more than once. */
  release(): void;
}

/** A part of a picture, in the frame's display pixels from its top left corner. */
export interface PictureRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface EncodeOptions {
  /**
   * JPEG quality, 1 to 100. Absent: the camera's own where it sends JPEG and nothing is cut off or made smaller (the
   * picture then goes out as it came), else the engine's default.
   */
  readonly quality?: number;
  /** The part that is wanted; the whole picture when absent. Comes before the box. */
  readonly crop?: PictureRegion;
  /** The box in pixels. Proportions are kept and nothing is ever enlarged. */
  readonly width?: number;
  readonly height?: number;
  /**
   * How the picture comes into a box that has both sides: as a whole (`inside`, the default), or so that the box is
   * filled and what hangs over is cut off evenly (`cover`). A box larger than the picture gives way in size, not in
   * proportions.
   */
  readonly fit?: 'inside' | 'cover';
}

/** Which engine decodes a camera, and why. */
export interface EngineUse {
  readonly name: EngineName;
  /** In words for a person. */
  readonly reason: string;
  /** The driver's number of the card; absent on the CPU. */
  readonly gpu?: number;
  readonly sinceMs?: number;
}

/** What a card in use has to say of itself. What its driver does not tell is absent. */
export interface GpuStatus {
  readonly id: number;
  readonly name: string;
  readonly pciBusId: string;
  /** Why it is not in use now; absent when it is. */
  readonly unavailable?: string;
  /** Decoders, frames and encoders that hold the one context. */
  readonly contextUsers: number;
  readonly decoders: number;
  readonly timesLost: number;
  /** Pictures that the card's encoder failed on, and that the CPU encoded; why, the last time. */
  readonly encodesOnCpu: number;
  readonly encodeFailure?: string;
  readonly driverVersion?: string;
  readonly memoryFreeBytes?: number;
  readonly memoryTotalBytes?: number;
  /** What of it this process takes. */
  readonly memoryOfProcessBytes?: number;
  /** Of the last sample period in which the part was busy. */
  readonly utilizationPercent?: number;
  readonly decoderPercent?: number;
  readonly encoderPercent?: number;
  readonly temperatureCelsius?: number;
}

/** How often something took how long. */
export interface TimeCounts {
  /** Of each bucket alone. There is one more than there are bounds: for what took longer than them all. */
  readonly counts: readonly number[];
  readonly sumS: number;
}

/** How long the work for one camera took, each time. */
export interface WorkTimes {
  /** What the buckets count up to, inclusive: ascending, and always the same. */
  readonly boundsS: readonly number[];
  /** Each access unit; of an MJPEG camera only the pictures that were encoded anew. */
  readonly decodes: TimeCounts;
  /** Each JPEG that was made, scaling included, without the wait for a thread. */
  readonly encodes: TimeCounts;
}

/** Counts over all sessions of a camera, and what is encoded of their pictures later. */
export interface WorkMeter {
  /** Costs no I/O. */
  read(): WorkTimes;
}

/** What an engine does for all its cameras together. */
export interface EngineStatus {
  /** Threads that decode and encode, and the tasks that wait for one. */
  readonly work: { readonly threads: number; readonly queued: number };
}

export interface SessionOptions {
  readonly decode: DecodeMode;
  /** How long the decoder keeps up with the stream after the last request, in milliseconds. */
  readonly lingerMs: number;
  /** Most bytes of access units that are kept since the last keyframe. */
  readonly ringMaxBytes: number;
  /** Decoded frames kept, newest last. */
  readonly bufferSize: number;
  readonly connectTimeoutMs: number;
  /** Longest time without an access unit before the session ends. */
  readonly stallTimeoutMs: number;
  readonly lossPolicy: LossPolicy;
  /** Sequence of the session's first picture, so that sequences go on over reconnects. */
  readonly firstSequence: number;
  /** The camera's, which the same backend made. */
  readonly meter: WorkMeter;
}

/** Who receives the camera, and what happened to its packets. */
export interface IngestStatus {
  readonly name: 'rtsp' | 'libav';
  /** Why it is not our own receiver. */
  readonly reason?: string;
  /** libavformat does not tell. */
  readonly packets?: {
    readonly received: number;
    readonly bytes: number;
    readonly lost: number;
    readonly reordered: number;
    readonly malformed: number;
    /** Bytes between packets that belong to nothing. */
    readonly junkBytes: number;
  };
}

/** What a session knows of its stream; read at any time, costs no I/O. Times are Unix milliseconds. */
export interface SessionStatus {
  readonly video?: {
    readonly codec: string;
    /** Display size in pixels; 0 until parameter sets were seen. */
    readonly width: number;
    readonly height: number;
    /** Measured from presentation times. */
    readonly fps: number;
    readonly bitrateKbps: number;
  };
  /** Absent until something was decoded, and where the backend knows but one engine. */
  readonly engine?: EngineUse;
  readonly ingest: IngestStatus;
  /** Whether a decoder is open and keeping up with the stream now. */
  readonly decoding: boolean;
  readonly ring: { readonly accessUnits: number; readonly bytes: number; readonly overflowed: boolean };
  /** Decoded frames held now. */
  readonly bufferedFrames: number;
  readonly nextSequence: number;
  readonly lastAccessUnitAtMs?: number;
  readonly lastKeyframeAtMs?: number;
  /** Between the two newest keyframes, by presentation time. */
  readonly keyframeIntervalMs?: number;
  readonly newestFrame?: { readonly sequence: number; readonly receivedAtMs: number };
  readonly counters: {
    readonly accessUnits: number;
    readonly keyframes: number;
    readonly bytes: number;
    readonly decodedFrames: number;
    /** Times the gate closed: packets lost or a corrupt access unit. */
    readonly losses: number;
  };
}

/** What a session tells, in order. `live` may come again after `awaitingKeyframe` (a loss closed the gate). */
export type SessionEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'awaitingKeyframe'; readonly cause?: Cause }
  | { readonly type: 'live' }
  /** With the first decoder, and whenever the next one is on another engine or card. Not where there is but one. */
  | { readonly type: 'engine'; readonly engine: EngineUse };

/** One connection to one camera. It never reconnects; StreamDecoder opens another. */
export interface DecodeSession {
  /** Settles once, when the session is over and its thread has ended; never rejects. */
  readonly ended: Promise<Cause>;
  /**
   * The newest picture whose sequence is above `afterSequence`, as new as the stream is at the time of the call.
   * Waits for one if need be; rejects with a StreamError when the session ends first.
   */
  nextFrame(afterSequence: number): Promise<DecodedFrame>;
  /**
   * The newest picture that what is kept gives now, whatever its age; undefined when it gives none. Waits for no video.
   * Also after the session's end, until `discard()`.
   */
  lastFrame(): Promise<DecodedFrame | undefined>;
  /**
   * The picture received nearest to a time (Unix milliseconds) among those kept. Rejects with StreamError
   * ERR_FRAME_NOT_KEPT, or ERR_OVERLOADED when too many wait already. Also after the session's end, until `discard()`.
   */
  frameAt(unixMs: number): Promise<DecodedFrame>;
  status(): SessionStatus;
  /** Asks the session to end; `ended` tells when it has. */
  stop(): void;
  /** Lets go of the video that an ended session keeps: megabytes, which do not wait for the garbage collector. */
  discard(): void;
}

/** An engine. Nothing outside it branches on its kind. */
export interface DecodeBackend {
  readonly engine: EngineName;
  /** Why this engine serves, in words for a person. */
  readonly reason: string;
  /** For one camera. */
  createWorkMeter(): WorkMeter;
  openSession(source: CameraSource, options: SessionOptions, onEvent: (event: SessionEvent) => void): DecodeSession;
  encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer>;
  /** Costs no I/O. */
  status(): EngineStatus;
  /** The cards in use; none on the CPU. */
  gpuStatus(): Promise<readonly GpuStatus[]>;
  /** Ends what is left: sessions first, then the engine's threads. Idempotent. */
  close(): Promise<void>;
}
