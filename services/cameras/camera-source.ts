import { inspect } from 'node:util';
import { StreamError } from '../errors.js';
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

export interface SourceOptions extends Credentials, ReceiveOptions {
  /** The URL is one that `redactedUrl` gave: good to be shown, useless to connect. */
  readonly isRedacted?: boolean;
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
  readonly isRedacted: boolean;

  /**
   * @param url rtsp:// or rtsps://, with the credentials or without; `options` go before those of the URL. Text is read
   *   as people write it, a URL is taken as it is.
   * @throws ParameterError, whose message holds nothing of the URL but its scheme.
   */
  constructor(url: string | URL, options: SourceOptions = {}) {
    this.#url = typeof url === 'string' ? parseCameraUrl(url, options.password !== undefined) : new URL(url);
    if (options.user !== undefined) this.#url.username = encodeURIComponent(options.user);
    if (options.password !== undefined) this.#url.password = encodeURIComponent(options.password);
    this.transport = options.transport ?? 'tcp';
    this.ingest = options.ingest ?? 'auto';
    this.track = options.track;
    this.isRedacted = options.isRedacted ?? false;
  }

  /**
   * The URL with credentials, percent-encoded. For the engine alone.
   * @throws StreamError ERR_CREDENTIALS_MISSING
   */
  connectionUrl(): string {
    if (this.isRedacted) {
      throw new StreamError(
        'ERR_CREDENTIALS_MISSING',
        "Expected the camera's credentials but the state file does not keep them (STATE_FILE_CREDENTIALS): give its " +
          'url again with PATCH /cameras/:id',
      );
    }
    return this.#url.href;
  }

  /** The URL to be kept: with the credentials, or redacted where it has any. */
  storedUrl(withCredentials: boolean): { readonly url: string; readonly isRedacted: boolean } {
    const isRedacted = this.isRedacted || (!withCredentials && this.redactedUrl !== this.#url.href);
    return { url: isRedacted ? this.redactedUrl : this.#url.href, isRedacted };
  }

  /** The same with other options. A new URL brings its own login: the old one is not sent to another host. */
  changed({ url, ...options }: SourceOptions & { readonly url?: string }): CameraSource {
    const { transport, ingest, track, isRedacted } = this;
    const kept = { transport, ingest, ...(track !== undefined && { track }) };
    if (url !== undefined) return new CameraSource(url, { ...kept, ...options });
    return new CameraSource(this.#url, { ...kept, isRedacted, ...options });
  }

  /** Whether both are the same camera, received in the same way with the same credentials. */
  equals(other: CameraSource): boolean {
    return (
      this.#url.href === other.#url.href &&
      this.transport === other.transport &&
      this.ingest === other.ingest &&
      this.track === other.track &&
      this.isRedacted === other.isRedacted
    );
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
