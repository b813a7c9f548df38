import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import type { Disruption } from '../../simulator/media-session.js';
import type { Mount } from '../../simulator/mount.js';
import { packetizedClip } from '../../simulator/rtp/packetized-clip.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { FaultSuite } from './fault-suite.js';
import { NumberedSource } from './numbered-source.js';
import { INGESTS, STALL_TIMEOUT_MS } from './watched-camera.js';

const TRANSPORTS = ['tcp', 'udp'] as const;
/** Ticks a second of the RTP clock. */
const SECOND = 90_000;

describe('what happens to a stream', { skip: requires('ffmpeg'), concurrency: 4 }, () => {
  let suite: FaultSuite;

  before(async () => {
    suite = await FaultSuite.start();
  });

  after(() => suite.end());

  for (const ingest of INGESTS) {
    for (const transport of TRANSPORTS) {
      test(`${ingest}, ${transport}: media that stops while RTCP goes on is a stall, in time`, async () => {
        const mount = suite.mount();
        await suite.watch(mount, { ingest, transport }, async (camera) => {
          await camera.morePictures();
          mount.change({ stalled: true });
          const beganMs = performance.now();
          assert.equal((await camera.untilDown()).code, 'ERR_STREAM_STALLED');
          assertInTime(performance.now() - beganMs);
          mount.change({ stalled: false });
          await camera.untilBack();
        });
      });
    }

    test(`${ingest}: bytes that trickle are a stall, in time`, async () => {
      const mount = suite.mount();
      await suite.watch(mount, { ingest }, async (camera) => {
        await camera.morePictures();
        mount.change({ dribbling: true });
        const beganMs = performance.now();
        assert.equal((await camera.untilDown()).code, 'ERR_STREAM_STALLED');
        assertInTime(performance.now() - beganMs);
        mount.change({ dribbling: false });
        await camera.untilBack();
      });
    });

    test(`${ingest}: a connection that breaks off within an access unit`, async () => {
      const mount = suite.mount();
      await suite.watch(mount, { ingest, closely: true }, async (camera) => {
        for (let round = 0; round < 3; round++) {
          await camera.untilState('live');
          await camera.morePictures(10);
          const left = once(mount, 'leave');
          mount.breakOff();
          await left;
          await camera.until(() => camera.causes.length > round, 'the end of the session');
        }
        await camera.untilBack();
        assert.match(camera.causes.join(), /^(ERR_STREAM_ENDED,?)+$/);
      });
    });

    for (const [what, disruption] of [
      ['timestamps jump an hour ahead', { kind: 'timestamp-jump', ticks: 3600 * SECOND }],
      ['timestamps jump ten minutes back', { kind: 'timestamp-jump', ticks: -600 * SECOND }],
      ['a timestamp comes twice', { kind: 'timestamp-jump', ticks: -SECOND / 25 }],
    ] satisfies [string, Disruption][]) {
      test(`${ingest}: ${what}, and the times of frames go on`, async () => {
        const mount = suite.mount();
        await suite.watch(mount, { ingest, closely: true }, async (camera) => {
          await camera.morePictures(10);
          const before = await camera.decoder.getLatestFrame();
          mount.disrupt(disruption);
          await camera.morePictures(30);
          const afterwards = await camera.decoder.getLatestFrame();
          const [ptsMs, receivedMs] = [
            (afterwards.ptsUs - before.ptsUs) / 1000,
            afterwards.receivedAtMs - before.receivedAtMs,
          ];
          before.release();
          afterwards.release();
          assert.ok(ptsMs > 0 && Math.abs(ptsMs - receivedMs) < 1000, `Expected ${receivedMs} ms but PTS say ${ptsMs}`);
          assert.equal(camera.sessions, 1);
        });
      });
    }
  }

  for (const transport of TRANSPORTS) {
    for (const [what, disruption] of [
      ['sequence numbers restart', { kind: 'sequence-restart', sequence: 17 }],
      ['the SSRC changes', { kind: 'ssrc-change' }],
    ] satisfies [string, Disruption][]) {
      test(`${transport}: ${what} and the session goes on`, async () => {
        const mount = suite.mount();
        await suite.watch(mount, { transport, closely: true }, async (camera) => {
          await camera.morePictures(10);
          mount.disrupt(disruption);
          await camera.morePictures(2 * suite.source.gop);
          assert.equal(camera.sessions, 1);
        });
      });
    }

    for (const ingest of INGESTS) {
      test(`${ingest}, ${transport}: sequence numbers that go back are a loss, also where the bits show none`, async () => {
        const mount = suite.mount({ firstSequence: 1000 });
        await suite.watch(mount, { ingest, transport, closely: true }, async (camera) => {
          await camera.morePictures(10);
          await repeatNumbersOfOneGroup(mount, suite.source.gop);
          await camera.morePictures(2 * suite.source.gop);
        });
      });
    }

    test(`${transport}: sequence numbers and timestamps wrap`, async () => {
      const mount = suite.mount({ firstSequence: 0xffff - 20, firstTimestamp: 2 ** 32 - SECOND });
      await suite.watch(mount, { transport, closely: true }, async (camera) => {
        await camera.morePictures(50);
        assert.equal(camera.sessions, 1);
        assert.equal(camera.decoder.getStatus().session?.counters.losses, 0);
      });
    });

    for (const ingest of INGESTS) {
      test(`${ingest}, ${transport}: a lost packet closes the gate, the next keyframe opens it`, async () => {
        const mount = suite.mount();
        await suite.watch(mount, { ingest, transport, closely: true }, async (camera) => {
          await camera.morePictures(10);
          mount.change({ loss: { kind: 'next', packets: 1 } });
          const before = camera.states.length;
          await camera.until(() => camera.states.length >= before + 2, 'the gate to close and to open');
          const [closed, opened] = camera.states.slice(before);
          assert.ok(closed?.name === 'awaitingKeyframe' && opened?.name === 'live');
          assert.equal(closed.cause?.code, 'ERR_PACKETS_LOST');
          const tookMs = opened.sinceMs - closed.sinceMs;
          const gopMs = (1000 * suite.source.gop) / suite.source.fps;
          assert.ok(tookMs < 2 * gopMs, `Expected the next keyframe within ${gopMs} ms but it took ${tookMs} ms`);
          await camera.morePictures();
          assert.equal(camera.sessions, 1);
        });
      });
    }

    test(`${transport}: packets are lost: what is shown is whole`, async () => {
      const mount = suite.mount({ loss: { kind: 'random', probability: 0.01, seed: 3 } });
      await suite.watch(mount, { transport, closely: true }, async (camera) => {
        await camera.until(() => mount.counters.lostPackets >= 5 && camera.numbers.length > 50, 'five lost packets');
        assert.equal(camera.sessions, 1);
        assert.ok(camera.decoder.getStatus().session!.counters.losses > 0);
      });
    });
  }

  for (const ingest of INGESTS) {
    test(`${ingest}, udp: packets come late or twice: what is shown is whole`, async () => {
      const mount = suite.mount({ disorder: { late: 0.1, twice: 0.1, seed: 5 } });
      await suite.watch(mount, { ingest, transport: 'udp', closely: true }, async (camera) => {
        await camera.morePictures(100);
        assert.equal(camera.sessions, 1);
        // libavformat takes some of them for lost.
        if (ingest === 'libav') return;
        const { session } = camera.decoder.getStatus();
        assert.deepEqual([session?.counters.losses, session?.ingest.packets?.lost], [0, 0]);
        assert.ok(session!.ingest.packets!.reordered > 0);
      });
    });
  }

  test('udp: datagrams that are no RTP are passed over', async () => {
    const mount = suite.mount({ junkBytes: 200 });
    await suite.watch(mount, { transport: 'udp' }, async (camera) => {
      await camera.morePictures(10);
      assert.equal(camera.sessions, 1);
    });
  });

  for (const parameterSets of ['sdp', 'in-band'] as const) {
    for (const ingest of INGESTS) {
      test(`${ingest}: parameter sets ${parameterSets} alone, and a start within a GOP`, async () => {
        const mount = suite.mount({ parameterSets, startAt: 'mid-gop' });
        await suite.watch(mount, { ingest }, async (camera) => {
          await camera.morePictures();
          assert.ok(
            camera.numbers[0]! >= suite.source.gop,
            `Expected no frame before the keyframe: ${camera.numbers[0]}`,
          );
          assert.equal(camera.sessions, 1);
        });
      });
    }
  }

  test('parameter sets that come late: nothing is shown before', async () => {
    const mount = suite.mount({ parameterSets: 'none' });
    // Half a clip without them has to pass, which is no stall.
    await suite.watch(mount, { closely: true, stallTimeoutMs: 10_000 }, async (camera) => {
      await camera.untilState('awaitingKeyframe');
      const enough = mount.counters.accessUnits + 2 * suite.source.gop;
      await until(async () => mount.counters.accessUnits >= enough || undefined, {
        timeoutMs: 10_000,
        describe: () => 'Expected two groups of pictures to be sent',
      });
      const names = camera.states.map(({ name }) => name);
      assert.deepEqual([names, camera.numbers], [['connecting', 'awaitingKeyframe', 'awaitingKeyframe'], []]);
      mount.change({ parameterSets: 'in-band' });
      await camera.untilBack();
    });
  });

  for (const ingest of INGESTS) {
    test(`${ingest}: the resolution changes within the session`, async () => {
      const larger = await NumberedSource.load({ width: 640, height: 360 });
      const mount = suite.mount();
      const sizes = new Set<string>();
      await suite.watch(mount, { ingest, closely: true, shows: suite.source.or(larger) }, async (camera) => {
        const read = (): void => {
          const video = camera.decoder.getStatus().session?.video;
          if (video) sizes.add(`${video.width}x${video.height}`);
        };
        await camera.morePictures(10);
        read();
        mount.switchTo(larger.clip);
        await camera.morePictures(60);
        read();
        mount.switchTo(suite.source.clip);
        await camera.morePictures(30);
        assert.equal(camera.sessions, 1);
      });
      assert.deepEqual([...sizes], ['320x180', '640x360']);
    });
  }

  test('the codec changes: the camera is back with the other one', async () => {
    const h265 = await NumberedSource.load({ codec: 'h265' });
    const mount = suite.mount();
    await suite.watch(mount, { closely: true, shows: suite.source.or(h265) }, async (camera) => {
      await camera.morePictures(10);
      mount.switchTo(h265.clip);
      assert.match((await camera.untilDown()).code, /^ERR_(STREAM_STALLED|DECODE_FAILED|CODEC_UNSUPPORTED)$/);
      await camera.untilBack();
      assert.equal(camera.decoder.getStatus().session?.video?.codec, 'hevc');
    });
  });
});

/**
 * Sequence numbers go back by as many as a group of pictures takes. When they have caught up, the numbers of the
 * pictures (H.264 7.4.3: frame_num) go on too, as if none were missing.
 */
async function repeatNumbersOfOneGroup(mount: Mount, gop: number): Promise<void> {
  const packets = packetizedClip(mount.clip, true).map(({ offsets }) => offsets.length - 1);
  const packetsOf = (from: number, to: number): number => packets.slice(from, to).reduce((sum, each) => sum + each, 0);
  const [last] = (await once(mount, 'sent')) as [number];
  const next = last + 1;
  const sequence = mount.behaviour.firstSequence! + packetsOf(0, next) - packetsOf(next, next + gop);
  mount.disrupt({ kind: 'sequence-restart', sequence });
}

function assertInTime(tookMs: number): void {
  const [least, most] = [STALL_TIMEOUT_MS / 2, 2 * STALL_TIMEOUT_MS];
  assert.ok(tookMs > least && tookMs < most, `Expected a stall within ${least}-${most} ms but it took ${tookMs}`);
}
