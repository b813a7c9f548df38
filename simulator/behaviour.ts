export type RtspMethod =
  'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY' | 'PAUSE' | 'GET_PARAMETER' | 'SET_PARAMETER' | 'TEARDOWN';

export type Auth =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic' | 'digest'; readonly user: string; readonly password: string; readonly realm?: string };

export type Answer =
  | { readonly kind: 'serve' }
  /** Closes the connection instead of answering. */
  | { readonly kind: 'close' }
  /** Keeps the connection and says nothing. */
  | { readonly kind: 'silence' }
  /** Answers with this status; only to `method` where one is given, serving the others. */
  | { readonly kind: 'status'; readonly status: number; readonly method?: RtspMethod };

export type Loss =
  | { readonly kind: 'none' }
  /** Each RTP packet is left out with this probability; the same seed leaves out the same packets. */
  | { readonly kind: 'random'; readonly probability: number; readonly seed: number }
  /** Leaves out the next `packets` RTP packets, then no more. */
  | { readonly kind: 'next'; readonly packets: number };

/** How a simulated camera behaves. Everything may change while it plays; see `Mount.change`. */
export interface CameraBehaviour {
  readonly answer: Answer;
  /** Asked of every request but OPTIONS. */
  readonly auth: Auth;
  /** Sends no media, while the connection, RTSP answers and RTCP go on. Media resumes at the next keyframe. */
  readonly stalled: boolean;
  readonly loss: Loss;
  /** Where in a group of pictures a session's media begins; `mid-gop` is its first access unit after a keyframe. */
  readonly startAt: 'keyframe' | 'mid-gop';
  /** Where parameter sets are sent: sprop parameters of the SDP, before each keyframe, or both. */
  readonly parameterSets: 'both' | 'sdp' | 'in-band';
  /** A session without a request or RTCP for this long ends (RFC 2326 12.37). */
  readonly sessionTimeoutS: number;
}

export const DEFAULT_BEHAVIOUR: CameraBehaviour = {
  answer: { kind: 'serve' },
  auth: { scheme: 'none' },
  stalled: false,
  loss: { kind: 'none' },
  startAt: 'keyframe',
  parameterSets: 'both',
  sessionTimeoutS: 60,
};
