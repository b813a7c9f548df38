/** What somebody would use to have the newest pictures of RTSP cameras, framewell among it. */
export interface Peer {
  readonly name: string;
  /** What is to be installed for it. */
  readonly needs: string;
  /** Of the installed program; undefined where there is none, and the peer is skipped. */
  version(): string | undefined;
  /** Has all cameras connected when nobody asks, where the peer can be told so. */
  start(urls: readonly string[]): Promise<RunningPeer>;
}

/** Cameras count from 0. */
export interface RunningPeer {
  /** What these processes and their descendants use is the peer's. */
  readonly pids: readonly number[];
  /** The newest JPEG. Rejects where none comes. */
  snapshot(camera: number): Promise<Buffer>;
  /** Calls `show` for each JPEG from now on. Gives what ends that. */
  watch(camera: number, show: (jpeg: Buffer) => void): () => void;
  stop(): Promise<void>;
}

/** libjpeg's scale, which all peers share that have one. */
export const QUALITY = 75;
/** FFmpeg's scale, at about the same size. */
export const QSCALE = 5;
