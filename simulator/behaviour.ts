import type { ReplyQuirk } from './rtsp/reply-quirks.js';
import type { Auth } from './rtsp/rtsp-auth.js';

export type { Auth } from './rtsp/rtsp-auth.js';

export type RtspMethod =
  'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY' | 'PAUSE' | 'GET_PARAMETER' | 'SET_PARAMETER' | 'TEARDOWN';

export type Answer =
  | { readonly kind: 'serve' }
  /** Closes the connection instead of answering. */
  | { readonly kind: 'close' }
  /** Keeps the connection and says nothing. */
  | { readonly kind: 'silence' }
  /** Answers with this status; only to `method` where one is given, serving the others. A 3xx needs a Location. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly method?: RtspMethod;
      readonly headers?: Readonly<Record<string, string>>;
    };

export type Loss =
  | { readonly kind: 'none' }
  /** Each RTP packet is left out with this probability; the same seed leaves out the same packets. */
  | { readonly kind: 'random'; readonly probability: number; readonly seed: number }
  /** Leaves out the next `packets` RTP packets, then no more. */
  | { readonly kind: 'next'; readonly packets: number };

/** What else a network does to datagrams. Probabilities are for each RTP packet. */
export interface Disorder {
  /** Sent behind its successor. */
  readonly late: number;
  /** Sent two times. */
  readonly twice: number;
  /** The same seed, the same packets. */
  readonly seed: number;
}

/** How a simulated camera behaves. Everything may change while it plays; see `Mount.change`. */
export interface CameraBehaviour {
  readonly answer: Answer;
  /** Asked of every request but OPTIONS. */
  readonly auth: Auth;
  /** Each has a look at every answer before it is sent, in this order. */
  readonly replies: readonly ReplyQuirk[];
  /** The answer to PLAY comes this much later than the first media. */
  readonly playAnswerDelayMs: number;
  /** Interleaved channels, RTP and RTCP, whatever SETUP asks for; absent: as it asks. */
  readonly channels?: readonly [rtp: number, rtcp: number];

  /** Sends no media, while the connection, RTSP answers and RTCP go on. Media resumes at the next keyframe. */
  readonly stalled: boolean;
  /** Over TCP: one byte of media goes out where an access unit is due. */
  readonly dribbling: boolean;
  readonly loss: Loss;
  /** Over UDP alone: TCP keeps the order. */
  readonly disorder: Disorder;
  /** Random bytes before each access unit; over UDP as a datagram. */
  readonly junkBytes: number;
  /** Where in a group of pictures a session's media begins; `mid-gop` is its first access unit after a keyframe. */
  readonly startAt: 'keyframe' | 'mid-gop';
  /** Where parameter sets are sent: sprop parameters of the SDP, before each keyframe, both, or nowhere. */
  readonly parameterSets: 'both' | 'sdp' | 'in-band' | 'none';
  /** Of a session's first packet; random where absent. */
  readonly firstSequence?: number;
  /** RTP timestamp of the mount's time 0 in each session; random where absent. */
  readonly firstTimestamp?: number;

  /** A session without a sign of life for this long ends (RFC 2326 12.37). */
  readonly sessionTimeoutS: number;
  /** What counts as a sign of life. */
  readonly signsOfLife: 'any' | readonly (RtspMethod | 'RTCP')[];
}

export const DEFAULT_BEHAVIOUR: CameraBehaviour = {
  answer: { kind: 'serve' },
  auth: { scheme: 'none' },
  replies: [],
  playAnswerDelayMs: 0,
  stalled: false,
  dribbling: false,
  loss: { kind: 'none' },
  disorder: { late: 0, twice: 0, seed: 0 },
  junkBytes: 0,
  startAt: 'keyframe',
  parameterSets: 'both',
  sessionTimeoutS: 60,
  signsOfLife: 'any',
};
