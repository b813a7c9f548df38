/** What a client's Transport header asks for, as far as the simulator has it. */
export type RequestedTransport =
  | { readonly kind: 'interleaved'; readonly rtpChannel: number; readonly rtcpChannel: number }
  | { readonly kind: 'udp'; readonly rtpPort: number; readonly rtcpPort: number };

/** RFC 2326 12.39: the first transport in the client's order that is served; undefined when none is. */
export function parseTransport(header: string): RequestedTransport | undefined {
  for (const specification of header.split(',')) {
    const [protocol = '', ...parameters] = specification.trim().split(';');
    if (parameters.includes('multicast')) continue;
    if (protocol === 'RTP/AVP/TCP') {
      const [rtpChannel, rtcpChannel] = numberPair(parameters, 'interleaved', 255) ?? [0, 1];
      return { kind: 'interleaved', rtpChannel, rtcpChannel };
    }
    const ports = numberPair(parameters, 'client_port', 65535);
    if ((protocol === 'RTP/AVP' || protocol === 'RTP/AVP/UDP') && ports) {
      return { kind: 'udp', rtpPort: ports[0], rtcpPort: ports[1] };
    }
  }
  return undefined;
}

/** `name=a-b`, or `name=a` for a pair that counts on. */
function numberPair(parameters: readonly string[], name: string, max: number): [number, number] | undefined {
  for (const parameter of parameters) {
    const match = new RegExp(`^${name}=(\\d+)(?:-(\\d+))?$`).exec(parameter);
    if (!match) continue;
    const first = Number(match[1]);
    const second = match[2] === undefined ? first + 1 : Number(match[2]);
    if (first <= max && second <= max) return [first, second];
  }
  return undefined;
}
