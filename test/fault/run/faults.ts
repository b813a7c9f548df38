import type { CameraBehaviour } from '../../../simulator/behaviour.js';
import type { Mount } from '../../../simulator/mount.js';
import { verbatim, withHeader, withoutHeader, withSdp, type ReplyQuirk } from '../../../simulator/rtsp/reply-quirks.js';

/** Numbers from 0 up to 1. */
export type Random = () => number;

export interface Fault {
  readonly name: string;
  /** What holds while the fault lasts; nothing where it is over at once. */
  begin(mount: Mount, random: Random): Partial<CameraBehaviour> | undefined;
}

/** RTP clock ticks in an hour. */
const HOUR = 3600 * 90_000;

const redirectToItself: ReplyQuirk = (reply, { method, url }) => {
  return method === 'DESCRIBE' ? { status: 302, headers: { Location: url } } : reply;
};

function lasting(name: string, behaviour: (random: Random) => Partial<CameraBehaviour>): Fault {
  return { name, begin: (_mount, random) => behaviour(random) };
}

/** A fault that a client meets when it connects, which it therefore has to. */
function atConnect(name: string, behaviour: Partial<CameraBehaviour>): Fault {
  return {
    name,
    begin(mount) {
      mount.killSessions();
      return behaviour;
    },
  };
}

function atOnce(name: string, happens: (mount: Mount, random: Random) => void): Fault {
  return {
    name,
    begin(mount, random) {
      happens(mount, random);
      return undefined;
    },
  };
}

/** What may happen to a camera. */
export const FAULTS: readonly Fault[] = [
  lasting('stall', () => ({ stalled: true })),
  lasting('dribble', () => ({ dribbling: true })),
  lasting('loss', (random) => ({
    loss: { kind: 'random', probability: 0.01 + random() / 5, seed: Math.floor(random() * 2 ** 32) },
  })),
  lasting('disorder', (random) => ({
    disorder: { late: random() / 4, twice: random() / 4, seed: Math.floor(random() * 2 ** 32) },
  })),
  lasting('junk', (random) => ({ junkBytes: 1 + Math.floor(random() * 300) })),
  atConnect('another password', { auth: { scheme: 'digest', user: 'admin', password: 'changed', qop: true } }),
  atConnect('status 403', { answer: { kind: 'status', status: 403, method: 'DESCRIBE' } }),
  atConnect('status 404', { answer: { kind: 'status', status: 404, method: 'DESCRIBE' } }),
  atConnect('status 453', { answer: { kind: 'status', status: 453, method: 'SETUP' } }),
  atConnect('status 500', { answer: { kind: 'status', status: 500 } }),
  atConnect('silence', { answer: { kind: 'silence' } }),
  atConnect('closed connections', { answer: { kind: 'close' } }),
  atConnect('garbled answers', { replies: [verbatim('DESCRIBE', '\0\0RTSP/9.9 -1\r\n\r\n')] }),
  atConnect('a header without end', { replies: [withHeader('DESCRIBE', 'X-Filler', 'x'.repeat(2 ** 20))] }),
  atConnect('an SDP that is none', { replies: [withSdp(() => 'Internal error')] }),
  atConnect('an SDP without video', { replies: [withSdp((sdp) => sdp.replace('m=video', 'm=application'))] }),
  atConnect('no RTP-Info', { replies: [withoutHeader('RTP-Info')] }),
  atConnect('no parameter sets', { parameterSets: 'none' }),
  atConnect('a start within a GOP', { startAt: 'mid-gop' }),
  atConnect('a late answer to PLAY', { playAnswerDelayMs: 700 }),
  atConnect('a redirect in a circle', { replies: [redirectToItself] }),
  atOnce('end of the session', (mount) => mount.killSessions()),
  atOnce('reset within an access unit', (mount) => mount.breakOff()),
  atOnce('timestamp jump', (mount, random) => {
    mount.disrupt({ kind: 'timestamp-jump', ticks: Math.floor((random() - 0.5) * HOUR) });
  }),
  atOnce('sequence restart', (mount, random) => {
    mount.disrupt({ kind: 'sequence-restart', sequence: Math.floor(random() * 2 ** 16) });
  }),
  atOnce('another SSRC', (mount) => mount.disrupt({ kind: 'ssrc-change' })),
];
