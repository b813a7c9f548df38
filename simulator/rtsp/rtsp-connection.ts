import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { DEFAULT_BEHAVIOUR } from '../behaviour.js';
import { MediaSession } from '../media-session.js';
import type { Mount, Player } from '../mount.js';
import { InterleavedSender, UdpSender } from '../rtp/rtp-sender.js';
import type { UdpPorts } from '../rtp/udp-ports.js';
import { Authenticator } from './rtsp-auth.js';
import { formatResponse, RtspParser, RtspSyntaxError, type RtspRequest, type RtspResponse } from './rtsp-message.js';
import { describeClip, TRACK_CONTROL } from './sdp.js';
import { parseTransport } from './transport-header.js';

/** What a connection needs of its server. */
export interface ConnectionContext {
  readonly udpPorts: UdpPorts;
  /** `path` as in `SimulatorServer.addMount`. */
  findMount(path: string): Mount | undefined;
}

interface Session {
  readonly id: string;
  readonly mount: Mount;
  readonly player: Player;
  /** The client's RTCP port on UDP. */
  readonly rtcpPort: number | undefined;
}

const PUBLIC = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';

/** One client's RTSP connection with at most one session, which ends with it. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #authenticator = new Authenticator();
  readonly #parser = new RtspParser();
  #session: Session | undefined;
  /** The session's sender, where its media comes on this connection. */
  #interleaved: InterleavedSender | undefined;
  #heardAtMs = performance.now();

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => {
      // A reset by the client is one of its ways to leave; 'close' follows.
    });
    socket.on('close', () => this.#teardown());
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Takes note that RTCP came in over UDP, which keeps the session alive if it is this connection's. */
  receiveRtcp(address: string, port: number): void {
    if (port === this.#session?.rtcpPort && address === this.#socket.remoteAddress) this.#hear('RTCP');
  }

  #receive(chunk: Buffer): void {
    try {
      for (const item of this.#parser.push(chunk)) {
        this.#hear(item.type === 'request' ? item.method : 'RTCP');
        if (item.type === 'request') this.#answer(item);
      }
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      this.#socket.write(formatResponse({ status: 400 }, undefined));
      this.#socket.destroySoon();
    }
  }

  #hear(sign: string): void {
    const { signsOfLife } = this.#session?.mount.behaviour ?? DEFAULT_BEHAVIOUR;
    if (signsOfLife === 'any' || signsOfLife.some((counted) => counted === sign)) this.#heardAtMs = performance.now();
  }

  #answer(request: RtspRequest): void {
    const mount = this.#context.findMount(mountPath(request.url));
    const { answer, replies, playAnswerDelayMs } = mount?.behaviour ?? DEFAULT_BEHAVIOUR;
    if (answer.kind === 'silence') return;
    if (answer.kind === 'close') {
      this.#socket.destroy();
      return;
    }
    const refused = answer.kind === 'status' && (answer.method ?? request.method) === request.method;
    let response = refused ? answer : this.#respond(request, mount);
    for (const quirk of replies) response = quirk(response, request);
    const bytes = formatResponse(response, request.headers.get('cseq'));
    if (request.method === 'PLAY' && playAnswerDelayMs > 0) {
      setTimeout(() => this.#say(bytes), playAnswerDelayMs);
    } else {
      this.#say(bytes);
    }
  }

  #say(message: string): void {
    if (this.#interleaved) this.#interleaved.sendMessage(message);
    else this.#socket.write(message);
  }

  #respond(request: RtspRequest, mount: Mount | undefined): RtspResponse {
    // OPTIONS may ask of the server as a whole (`*`), and cameras answer it to anybody.
    if (request.method === 'OPTIONS') return { status: 200, headers: { Public: PUBLIC } };
    if (!mount) return { status: 404 };
    const authorization = request.headers.get('authorization');
    const challenges = this.#authenticator.challenges(mount.behaviour.auth, request.method, authorization);
    if (challenges.length > 0) return { status: 401, headers: { 'WWW-Authenticate': challenges } };
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request, mount);
      case 'SETUP':
        return this.#setup(request, mount);
      case 'PLAY':
        return this.#inSession(request, (session) => this.#play(request, session));
      case 'PAUSE':
        return this.#inSession(request, (session) => this.#pause(session));
      case 'TEARDOWN':
        return this.#inSession(request, () => this.#teardown());
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        // RFC 2326 10.8: without a body they are keepalives.
        return this.#inSession(request, (session) => ({ status: 200, headers: sessionHeader(session) }));
      default:
        return { status: 501, headers: { Public: PUBLIC } };
    }
  }

  #describe(request: RtspRequest, mount: Mount): RtspResponse {
    const host = this.#socket.localAddress ?? '0.0.0.0';
    const { parameterSets } = mount.behaviour;
    const body = describeClip(mount.clip, host, parameterSets === 'both' || parameterSets === 'sdp');
    const base = `${withoutClosingSlash(request.url)}/`;
    return { status: 200, headers: { 'Content-Type': 'application/sdp', 'Content-Base': base }, body };
  }

  #setup(request: RtspRequest, mount: Mount): RtspResponse {
    if (this.#session) return { status: 455 };
    const transport = parseTransport(request.headers.get('transport') ?? '');
    if (!transport) return { status: 461 };
    const { udpPorts } = this.#context;
    const { remoteAddress = '' } = this.#socket;
    const { channels } = mount.behaviour;
    const [rtpChannel, rtcpChannel] =
      transport.kind === 'interleaved' ? (channels ?? [transport.rtpChannel, transport.rtcpChannel]) : [0, 1];
    const sender =
      transport.kind === 'interleaved'
        ? new InterleavedSender(this.#socket, rtpChannel, rtcpChannel)
        : new UdpSender(udpPorts, remoteAddress, transport.rtpPort, transport.rtcpPort);
    this.#interleaved = sender instanceof InterleavedSender ? sender : undefined;
    const session: Session = {
      id: randomBytes(8).toString('hex'),
      mount,
      player: this.#createPlayer(mount, new MediaSession(sender, mount.counters, mount.behaviour)),
      rtcpPort: transport.kind === 'udp' ? transport.rtcpPort : undefined,
    };
    this.#session = session;
    const ssrc = session.player.media.ssrc.toString(16).padStart(8, '0').toUpperCase();
    const agreed =
      transport.kind === 'interleaved'
        ? `RTP/AVP/TCP;unicast;interleaved=${rtpChannel}-${rtcpChannel}`
        : `RTP/AVP;unicast;client_port=${transport.rtpPort}-${transport.rtcpPort};` +
          `server_port=${udpPorts.rtpPort}-${udpPorts.rtcpPort}`;
    return { status: 200, headers: { ...sessionHeader(session), Transport: `${agreed};ssrc=${ssrc}` } };
  }

  #play(request: RtspRequest, session: Session): RtspResponse {
    const { mount, player } = session;
    this.#heardAtMs = performance.now();
    // The mount sends from a timer, so never before this answer.
    const timestamp = player.media.timestampOf(mount.join(player));
    const track = `${withoutClosingSlash(request.url)}/${TRACK_CONTROL}`;
    const rtpInfo = `url=${track};seq=${player.media.sequence};rtptime=${timestamp}`;
    return { status: 200, headers: { ...sessionHeader(session), Range: 'npt=now-', 'RTP-Info': rtpInfo } };
  }

  #pause(session: Session): RtspResponse {
    session.mount.leave(session.player);
    return { status: 200, headers: sessionHeader(session) };
  }

  #teardown(): RtspResponse {
    this.#session?.mount.leave(this.#session.player);
    this.#session = undefined;
    return { status: 200 };
  }

  #inSession(request: RtspRequest, handle: (session: Session) => RtspResponse): RtspResponse {
    const id = request.headers.get('session')?.split(';')[0];
    return this.#session?.id === id && this.#session ? handle(this.#session) : { status: 454 };
  }

  #createPlayer(mount: Mount, media: MediaSession): Player {
    return {
      media,
      expiresAtMs: () => this.#heardAtMs + mount.behaviour.sessionTimeoutS * 1000,
      disconnect: (abruptly = false) => {
        if (abruptly) this.#socket.resetAndDestroy();
        else this.#socket.destroy();
      },
    };
  }
}

function sessionHeader({ id, mount }: Session): Record<string, string> {
  return { Session: `${id};timeout=${mount.behaviour.sessionTimeoutS}` };
}

/** The path of a mount in a request's URL: without the track, a closing slash and a query. */
function mountPath(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return withoutClosingSlash(path.replace(new RegExp(`/${TRACK_CONTROL}$`), ''));
}

function withoutClosingSlash(url: string): string {
  return url.replace(/\/$/, '');
}
