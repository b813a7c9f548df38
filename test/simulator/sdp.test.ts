import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { describeClip } from '../../simulator/rtsp/sdp.js';
import { requires } from '../support/requires.js';
import { clips } from './clips.js';
import { PPS, SPS, syntheticClip } from './synthetic-clip.js';

describe('SDP', () => {
  test('H.264: profile, packetization mode, parameter sets, frame rate', () => {
    assert.equal(
      describeClip(syntheticClip({ fps: 50 }), '192.0.2.1', true),
      [
        'v=0',
        'o=- 1 1 IN IP4 192.0.2.1',
        's=Framewell camera simulator',
        'c=IN IP4 0.0.0.0',
        't=0 0',
        'a=control:*',
        'm=video 0 RTP/AVP 96',
        'a=rtpmap:96 H264/90000',
        'a=fmtp:96 packetization-mode=1;profile-level-id=42001F;' +
          `sprop-parameter-sets=${SPS.toString('base64')},${PPS.toString('base64')}`,
        'a=framerate:50',
        'a=control:trackID=0',
        '',
      ].join('\r\n'),
    );
  });

  test('parameter sets may be left out', () => {
    const sdp = describeClip(syntheticClip(), '192.0.2.1', false);
    assert.match(sdp, /^a=fmtp:96 packetization-mode=1;profile-level-id=42001F\r$/m);
  });

  test('IPv6 addresses are marked as such', () => {
    const sdp = describeClip(syntheticClip(), '::1', true);
    assert.match(sdp, /^o=- 1 1 IN IP6 ::1\r$/m);
    assert.match(sdp, /^c=IN IP6 ::\r$/m);
  });

  test('H.265: one sprop parameter a parameter set', { skip: requires('ffmpeg') }, async () => {
    const sdp = describeClip(await loadClip(await clips.h265()), '192.0.2.1', true);
    assert.match(sdp, /^a=rtpmap:96 H265\/90000\r$/m);
    const [, vps, sps, pps] = /^a=fmtp:96 sprop-vps=(\S+);sprop-sps=(\S+);sprop-pps=(\S+)\r$/m.exec(sdp) ?? [];
    const types = [vps, sps, pps].map((set) => Buffer.from(set ?? '', 'base64').readUInt8(0) >> 1);
    assert.deepEqual(types, [32, 33, 34]);
  });

  test('motion JPEG: the static payload type, no format parameters', { skip: requires('ffmpeg') }, async () => {
    const sdp = describeClip(await loadClip(await clips.mjpeg(), { fps: 12.5 }), '192.0.2.1', true);
    assert.match(sdp, /^m=video 0 RTP\/AVP 26\r$/m);
    assert.match(sdp, /^a=framerate:12.5\r$/m);
    assert.doesNotMatch(sdp, /fmtp/);
  });
});
