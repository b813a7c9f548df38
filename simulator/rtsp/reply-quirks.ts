import type { RtspRequest, RtspResponse } from './rtsp-message.js';

/** Changes an answer on its way out, as some cameras' firmware does. */
export type ReplyQuirk = (reply: RtspResponse, request: RtspRequest) => RtspResponse;

/** Adds a header to successful answers to `method`, or replaces it. */
export function withHeader(method: string, name: string, value: string): ReplyQuirk {
  return onSuccess(method, (reply) => ({ ...reply, headers: { ...reply.headers, [name]: value } }));
}

/** Leaves a header out of every answer. */
export function withoutHeader(name: string): ReplyQuirk {
  return (reply) => {
    const headers = Object.entries(reply.headers ?? {}).filter(([own]) => own !== name);
    return { ...reply, headers: Object.fromEntries(headers) };
  };
}

/** Rewrites the SDP. */
export function withSdp(rewrite: (sdp: string, request: RtspRequest) => string): ReplyQuirk {
  return onSuccess('DESCRIBE', (reply, request) => ({ ...reply, body: rewrite(reply.body ?? '', request) }));
}

/** Writes the control attributes of session and track (RFC 2326 C.1.1) as given; undefined leaves the line out. */
export function withControls(controls: { session: string | undefined; track: string | undefined }): ReplyQuirk {
  return withSdp((sdp) => {
    const [session = '', track = ''] = sdp.split(/(?=^m=)/m);
    return replaceControl(session, controls.session) + replaceControl(track, controls.track);
  });
}

/** Sends these bytes where the answer to `method` is due. */
export function verbatim(method: string, bytes: string): ReplyQuirk {
  return (reply, request) => (request.method === method ? { ...reply, verbatim: bytes } : reply);
}

function replaceControl(section: string, control: string | undefined): string {
  const line = control === undefined ? '' : `a=control:${control}\r\n`;
  return section.replace(/^a=control:.*\r\n/m, () => line);
}

function onSuccess(method: string, change: ReplyQuirk): ReplyQuirk {
  return (reply, request) => {
    return request.method === method && reply.status === 200 ? change(reply, request) : reply;
  };
}
