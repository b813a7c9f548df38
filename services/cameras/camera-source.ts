import { inspect } from 'node:util';
import { parseCameraUrl } from './camera-url.js';

/** How RTP comes: inside the RTSP connection, or as datagrams to this host or to a group. */
export type Transport = 'tcp' | 'udp' | 'multicast';

/** Who receives: our own RTSP client, with libavformat for what that declines, or libavformat from the start. */
export type Ingest = 'auto' | 'libav';

export interface ReceiveOptions {
  readonly transport?: Transport;
  readonly ingest?: Ingest;
  /** Which of the camera's video tracks, from 1; the first that can be received when absent. */
  readonly track?: number;
}

/**
 * From a login's key to the end of the path. XMeye-style paths carry the password,
 * /user=admin_password=secret_channel=1_stream=0.sdp, and it may hold their separators.
 */
const PATH_LOGIN = /((?:user|usr|username|password|passwd|pwd|pass)=).*$/i;

export interface Credentials {
  /** As the camera knows it, not percent-encoded; the same is true of the password. */
  readonly user?: string;
  readonly password?: string;
}

/**
 * Where a camera is and how to log in. The credentials cannot print themselves: every conversion to text, JSON or
 * console output gives the redacted form; only `connectionUrl()` gives the whole, and only the engine calls it.
 */
export class CameraSource {
  readonly #url: URL;
  readonly transport: Transport;
  readonly ingest: Ingest;
  readonly track: number | undefined;

  /**
   * @param url rtsp:// or rtsps://, with the credentials or without; `options` go before those of the URL.
   * @throws ParameterError, whose message holds nothing of the URL but its scheme.
   */
  constructor(url: string, options: Credentials & ReceiveOptions = {}) {
    this.#url = parseCameraUrl(url, options.password !== undefined);
    if (options.user !== undefined) this.#url.username = encodeURIComponent(options.user);
    if (options.password !== undefined) this.#url.password = encodeURIComponent(options.password);
    this.transport = options.transport ?? 'tcp';
    this.ingest = options.ingest ?? 'auto';
    this.track = options.track;
  }

  /** The URL with credentials, percent-encoded. For the engine alone. */
  connectionUrl(): string {
    return this.#url.href;
  }

  /** Host name or address, without the brackets of IPv6. */
  get host(): string {
    return this.#url.hostname.replace(/^\[|\]$/g, '');
  }

  /** The URL for people: no user, no password, no query values. */
  get redactedUrl(): string {
    const { protocol, username, password, host, pathname, search } = this.#url;
    const login = username || password ? '***@' : '';
    return `${protocol}//${login}${host}${pathname.replace(PATH_LOGIN, '$1***')}${search ? '?***' : ''}`;
  }

  toString(): string {
    return this.redactedUrl;
  }

  toJSON(): string {
    return this.redactedUrl;
  }

  [inspect.custom](): string {
    return `CameraSource(${this.redactedUrl})`;
  }
}
