import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTransport } from '../../simulator/rtsp/transport-header.js';

describe('parseTransport', () => {
  for (const [header, expected] of [
    ['RTP/AVP/TCP;unicast;interleaved=2-3', { kind: 'interleaved', rtpChannel: 2, rtcpChannel: 3 }],
    ['RTP/AVP/TCP;unicast', { kind: 'interleaved', rtpChannel: 0, rtcpChannel: 1 }],
    ['RTP/AVP;unicast;client_port=5000-5001', { kind: 'udp', rtpPort: 5000, rtcpPort: 5001 }],
    ['RTP/AVP/UDP;unicast;client_port=5000', { kind: 'udp', rtpPort: 5000, rtcpPort: 5001 }],
    [
      'RTP/AVP;multicast, RTP/SAVP;unicast;client_port=1-2, RTP/AVP/TCP;interleaved=0-1',
      { kind: 'interleaved', rtpChannel: 0, rtcpChannel: 1 },
    ],
    ['RTP/AVP;multicast;client_port=5000-5001', undefined],
    ['RTP/AVP;unicast', undefined],
    ['RTP/AVP;unicast;client_port=70000-70001', undefined],
    ['', undefined],
  ] as const) {
    test(header || 'an empty header', () => {
      assert.deepEqual(parseTransport(header), expected);
    });
  }
});
