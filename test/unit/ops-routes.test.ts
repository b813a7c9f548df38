import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionStatus } from '../../services/stream/decode-backend.js';
import { PASSWORD, startTestApp } from '../support/test-app.js';

test('the process is healthy whatever its cameras do', async (t) => {
  const { app, streams } = await startTestApp(t);
  for (const stream of Object.values(streams)) stream.goDown();
  const answer = await app.inject('/healthz');
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { status: 'ok' });
  assert.equal(answer.headers['cache-control'], 'no-store');
});

describe('it is ready', () => {
  const cases: [percent: number, live: number, status: number][] = [
    [0, 0, 200],
    [25, 0, 503],
    [25, 1, 200],
    [26, 1, 503],
    [50, 2, 200],
    [100, 3, 503],
    [100, 4, 200],
  ];
  for (const [percent, live, status] of cases) {
    test(`with ${live} of 4 cameras live where ${percent} % have to be: ${status}`, async (t) => {
      const { app, streams } = await startTestApp(t, { cameras: ['a', 'b', 'c', 'd'], readyLivePercent: percent });
      for (const stream of Object.values(streams).slice(live)) stream.goDown();
      const answer = await app.inject('/readyz');
      assert.equal(answer.statusCode, status);
      assert.deepEqual(answer.json(), { ready: status === 200, live, expected: 4 });
    });
  }

  test('without any camera', async (t) => {
    const { app } = await startTestApp(t, { cameras: [], readyLivePercent: 100 });
    assert.equal((await app.inject('/readyz')).statusCode, 200);
  });
});

describe('metrics', () => {
  const nowMs = Date.now();
  const session: SessionStatus = {
    video: { codec: 'h264', width: 1280, height: 720, fps: 25, bitrateKbps: 2048 },
    ingest: { name: 'rtsp', packets: { received: 900, bytes: 1, lost: 2, reordered: 0, malformed: 0, junkBytes: 0 } },
    decoding: true,
    ring: { accessUnits: 12, bytes: 34_567, overflowed: false },
    bufferedFrames: 3,
    nextSequence: 10,
    lastAccessUnitAtMs: nowMs - 250,
    keyframeIntervalMs: 2000,
    counters: { accessUnits: 5, keyframes: 2, bytes: 9_000, decodedFrames: 1, losses: 0 },
  };
  const totals = { accessUnits: 50, bytes: 99_000, decodedFrames: 9, losses: 1, packetsLost: 7 };

  test('tell how each camera does, in the text format of Prometheus', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.know({ session, totals, sessions: 4, endings: { ERR_STREAM_STALLED: 2, ERR_RTSP_REFUSED: 1 } });
    streams.front!.workTimes = {
      boundsS: [0.01, 0.1],
      decodes: { counts: [3, 2, 1], sumS: 1.5 },
      encodes: { counts: [4, 0, 0], sumS: 0.02 },
    };
    streams.yard!.goDown();
    const { statusCode, headers, body } = await app.inject('/metrics');
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4; charset=utf-8$/);
    assert.equal(headers['cache-control'], 'no-store');
    const lines = body.split('\n');
    for (const line of [
      '# TYPE framewell_camera_up gauge',
      'framewell_camera_up{camera="front"} 1',
      'framewell_camera_up{camera="yard"} 0',
      'framewell_camera_frame_rate{camera="front"} 25',
      'framewell_camera_bitrate_bits_per_second{camera="front"} 2048000',
      'framewell_camera_keyframe_interval_seconds{camera="front"} 2',
      'framewell_camera_ring_bytes{camera="front"} 34567',
      'framewell_camera_decoding{camera="front"} 1',
      'framewell_camera_viewers{camera="front"} 0',
      'framewell_camera_state{camera="front",state="live",engine="cpu",ingest="rtsp"} 1',
      'framewell_camera_state{camera="yard",state="backingOff",engine="cpu",ingest="none"} 1',
      '# TYPE framewell_camera_sessions_total counter',
      'framewell_camera_sessions_total{camera="front"} 4',
      'framewell_camera_access_units_total{camera="front"} 50',
      'framewell_camera_received_bytes_total{camera="front"} 99000',
      'framewell_camera_decoded_frames_total{camera="front"} 9',
      'framewell_camera_losses_total{camera="front"} 1',
      'framewell_camera_packets_lost_total{camera="front"} 7',
      '# TYPE framewell_camera_decode_seconds histogram',
      'framewell_camera_decode_seconds_bucket{le="0.1",camera="front"} 5',
      'framewell_camera_decode_seconds_count{camera="front"} 6',
      'framewell_camera_encode_seconds_sum{camera="front"} 0.02',
      // Of a camera that is down too: a counter that vanishes is no counter.
      'framewell_camera_access_units_total{camera="yard"} 0',
      'framewell_camera_session_ends_total{camera="front",code="ERR_STREAM_STALLED"} 2',
      'framewell_camera_session_ends_total{camera="front",code="ERR_RTSP_REFUSED"} 1',
    ]) {
      assert.ok(lines.includes(line), `Expected ${line} in\n${body}`);
    }
    const age = Number(/^framewell_camera_picture_age_seconds\{camera="front"\} (\S+)$/m.exec(body)?.[1]);
    assert.ok(age >= 0.25 && age < 60, `age ${age}`);
    assert.ok(!body.includes('framewell_camera_frame_rate{camera="yard"}'), 'no sample rather than a zero');
    assert.ok(!body.includes(PASSWORD) && !body.includes('rtsp:'));
  });

  test('tell how the process does', async (t) => {
    const { app } = await startTestApp(t);
    const { body } = await app.inject('/metrics');
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'framewell_threads',
    ]) {
      assert.match(body, new RegExp(`^${name} [0-9.e-]+$`, 'm'));
    }
  });

  test('tell how late the event loop was, without the interval at which it is looked at', async (t) => {
    const { app } = await startTestApp(t);
    const lags = async (): Promise<Record<string, number>> => {
      const { body } = await app.inject('/metrics');
      const samples = body.matchAll(/^nodejs_eventloop_lag_(\w+)_seconds (\S+)$/gm);
      return Object.fromEntries([...samples].map(([, statistic, value]) => [statistic!, Number(value)]));
    };
    // It is measured from one look to the next.
    for (let turn = 0; turn < 3; turn++) {
      for (const endMs = performance.now() + 350; performance.now() < endMs;);
      await nextTurn();
    }
    const { max } = await lags();
    assert.ok(max! >= 0.2, `max ${max}`);
    const quiet = await lags();
    assert.deepEqual(Object.keys(quiet).sort(), ['max', 'mean', 'min', 'p50', 'p90', 'p99', 'stddev']);
    assert.ok(quiet.max! < 0.2, `begins anew with each scrape: max ${quiet.max}`);
  });

  test('have every sample under a name that is explained once', async (t) => {
    const { app } = await startTestApp(t);
    const { body } = await app.inject('/metrics');
    const explained = [...body.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name!);
    assert.equal(new Set(explained).size, explained.length);
    for (const [, sample] of body.matchAll(/^([a-z_0-9]+)[{ ]/gm)) {
      const family = sample!.replace(/_(bucket|sum|count)$/, '');
      assert.ok(explained.includes(sample!) || explained.includes(family), sample);
    }
  });

  test('count what was encoded, and what was shared', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.receiveFrame(1);
    for (let request = 0; request < 3; request++) await app.inject('/cameras/front/snapshot.jpg');
    const { body } = await app.inject('/metrics');
    assert.match(body, /^framewell_camera_encodes_total\{camera="front"\} 1$/m);
    assert.match(body, /^framewell_camera_shared_pictures_total\{camera="front"\} 2$/m);
  });

  test('begin anew for a camera that is gone', async (t) => {
    const adminToken = 'token-of-the-administrator';
    const { app } = await startTestApp(t, { adminToken });
    const headers = { authorization: `Bearer ${adminToken}` };
    const payload = { id: 'attic', url: 'rtsp://camera.test/' };
    await app.inject({ method: 'POST', url: '/cameras', headers, payload });
    assert.match((await app.inject('/metrics')).body, /camera="attic"/);
    await app.inject({ method: 'DELETE', url: '/cameras/attic', headers });
    assert.doesNotMatch((await app.inject('/metrics')).body, /camera="attic"/);
  });
});
