import assert from 'node:assert/strict';
import { test } from 'node:test';
import { senderReport } from '../../simulator/rtp/sender-report.js';

test('a sender report is a compound packet with NTP time and CNAME', () => {
  const report = { ssrc: 0x01020304, unixMs: 1_700_000_000_250, timestamp: 0xfffffff0, packets: 9, payloadBytes: 1000 };
  const packet = senderReport(report, 'camera');
  const hex = [
    '80c80006 01020304', // V=2, SR, 6 words follow, SSRC
    'e8fe6f80 40000000', // 1_700_000_000 + 2_208_988_800 s, a quarter of a second
    'fffffff0 00000009 000003e8', // RTP timestamp, packets, octets
    '81ca0004 01020304', // one SDES chunk, 4 words follow
    `0106${Buffer.from('camera').toString('hex')} 00000000`, // CNAME, end and padding
  ];
  assert.equal(packet.toString('hex'), hex.join('').replaceAll(' ', ''));
});
