import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { until } from '../support/until.js';
import { h264Nals } from './depacketize.js';
import { rtpInfoOf } from './rtsp-client.js';
import { SimulatorSuite } from './simulator-suite.js';
import { PPS, SPS, syntheticClip } from './synthetic-clip.js';

const PACKETS_PER_SLICE = 3;
const FRAME_TICKS = 900;

describe('what a camera sends', () => {
  let suite: SimulatorSuite;

  before(async () => {
    suite = await SimulatorSuite.start();
  });

  after(() => suite.end());

  afterEach(() => suite.closeClients());

  test('stalled: no media, but answers; then media from a keyframe on', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    await client.nextAccessUnit();
    mount.change({ stalled: true });
    const sent = mount.counters.accessUnits;
    // Another camera of the same rate tells the time.
    const other = await suite.connect(suite.addMount());
    await other.play();
    for (let count = 0; count < 10; count++) await other.nextAccessUnit();
    assert.equal(mount.counters.accessUnits, sent);
    assert.equal((await client.request('GET_PARAMETER')).status, 200);
    for (let received = 1; received < sent; received++) await client.nextAccessUnit();
    mount.change({ stalled: false });
    assert.equal((await client.nextNals()).at(-1)!.readUInt8(0) & 0x1f, 5);
  });

  test('loss, next: leaves out that many packets and counts them', async () => {
    const mount = suite.addMount({ loss: { kind: 'next', packets: 2 } });
    const client = await suite.connect(mount);
    const play = await client.play();
    const announced = rtpInfoOf(play).sequence;
    const first = await client.nextRtp();
    assert.equal((first.sequence - announced) & 0xffff, 2);
    assert.equal(mount.counters.lostPackets, 2);
    let previous = first;
    for (let count = 0; count < 20; count++) {
      const packet = await client.nextRtp();
      assert.equal((packet.sequence - previous.sequence) & 0xffff, 1);
      previous = packet;
    }
  });

  test('loss, random: the same seed leaves out the same packets', async () => {
    const received = async (): Promise<number[]> => {
      const client = await suite.connect(suite.addMount({ loss: { kind: 'random', probability: 0.3, seed: 5 } }));
      const play = await client.play();
      const announced = rtpInfoOf(play).sequence;
      const positions: number[] = [];
      while (positions.length < 30) positions.push(((await client.nextRtp()).sequence - announced) & 0xffff);
      return positions;
    };
    const first = await received();
    assert.ok(first.at(-1)! > 29, 'some are missing');
    assert.deepEqual(await received(), first);
  });

  test('startAt mid-gop: begins with the access unit after a keyframe', async () => {
    const client = await suite.connect(suite.addMount({ startAt: 'mid-gop' }));
    const play = await client.play();
    const unit = await client.nextAccessUnit();
    assert.equal(unit.length, PACKETS_PER_SLICE);
    assert.equal(unit[0]!.timestamp, rtpInfoOf(play).timestamp);
    assert.equal(h264Nals(unit.map(({ payload }) => payload))[0]!.readUInt8(1), 1);
  });

  test('dribbling: a byte where an access unit is due; what was held back follows at the end', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    await client.nextAccessUnit();
    mount.change({ dribbling: true });
    const sent: number[] = [];
    mount.on('sent', (accessUnit) => sent.push(accessUnit));
    // Another camera of the same rate tells the time.
    const other = await suite.connect(suite.addMount());
    await other.play();
    for (let count = 0; count < 10; count++) await other.nextAccessUnit();
    assert.deepEqual(sent, []);
    mount.change({ dribbling: false });
    await until(async () => sent.length > 0 || undefined, {
      timeoutMs: 5000,
      describe: () => 'Expected an access unit to be sent',
    });
    const received: number[] = [];
    while (!received.includes(sent[0]!)) received.push((await client.nextNals()).at(-1)!.readUInt8(1));
  });

  test('dribbling: an answer comes behind the access unit that it would cut in two', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    await client.nextAccessUnit();
    const other = await suite.connect(suite.addMount());
    await other.play();
    mount.change({ dribbling: true });
    for (let count = 0; count < 5; count++) await other.nextAccessUnit();
    let isAnswered = false;
    const answer = client.request('GET_PARAMETER').finally(() => (isAnswered = true));
    for (let count = 0; count < 5; count++) await other.nextAccessUnit();
    assert.equal(isAnswered, false);
    mount.change({ dribbling: false });
    assert.equal((await answer).status, 200);
    while ((await client.nextAccessUnit()).length !== PACKETS_PER_SLICE);
  });

  test('junk: bytes that belong to nothing before each access unit', async () => {
    const client = await suite.connect(suite.addMount({ junkBytes: 5000 }));
    await client.setup();
    const { bytesRead } = client.socket;
    client.send('PLAY');
    const expected = 3 * (3000 + 5000);
    await until(async () => client.socket.bytesRead - bytesRead > expected || undefined, {
      timeoutMs: 5000,
      describe: () => `Expected more than ${expected} bytes but received ${client.socket.bytesRead - bytesRead}`,
    });
  });

  test('a late answer to PLAY: media comes first', async () => {
    const client = await suite.connect(suite.addMount({ playAnswerDelayMs: 200 }));
    await client.setup();
    let isAnswered = false;
    const play = client.request('PLAY').finally(() => (isAnswered = true));
    await client.nextAccessUnit();
    assert.equal(isAnswered, false);
    assert.equal((await play).status, 200);
  });

  test('channels: others than SETUP asks for', async () => {
    const client = await suite.connect(suite.addMount({ channels: [6, 9] }));
    assert.match((await client.setup()).headers.get('transport') ?? '', /interleaved=6-9/);
    await client.request('PLAY');
    assert.equal((await client.nextRtp()).channel, 6);
  });

  test('sequence numbers and timestamps begin where they are told to, and wrap', async () => {
    const client = await suite.connect(
      suite.addMount({ firstSequence: 0xffff, firstTimestamp: 2 ** 32 - FRAME_TICKS }),
    );
    await client.play();
    const [first, second] = [await client.nextAccessUnit(), await client.nextAccessUnit()];
    assert.deepEqual([first[0]!.sequence, first[1]!.sequence], [0xffff, 0]);
    assert.deepEqual([first[0]!.timestamp, second[0]!.timestamp], [2 ** 32 - FRAME_TICKS, 0]);
  });

  for (const [disruption, after] of [
    [
      { kind: 'timestamp-jump', ticks: 90_000 },
      { sameSource: true, sequenceStep: 1, ticks: 90_000 + FRAME_TICKS },
    ],
    [
      { kind: 'sequence-restart', sequence: 17 },
      { sameSource: true, sequence: 17, ticks: FRAME_TICKS },
    ],
    [{ kind: 'ssrc-change' }, { sameSource: false }],
  ] as const) {
    test(`disruption of a stream that runs: ${disruption.kind}`, async () => {
      const mount = suite.addMount({ firstSequence: 1000 });
      const client = await suite.connect(mount);
      await client.play();
      let previous = (await client.nextAccessUnit()).at(-1)!;
      mount.disrupt(disruption);
      for (;;) {
        const unit = await client.nextAccessUnit();
        const facts = {
          sameSource: unit[0]!.ssrc === previous.ssrc,
          sequence: unit[0]!.sequence,
          sequenceStep: (unit[0]!.sequence - previous.sequence) & 0xffff,
          ticks: (unit[0]!.timestamp - previous.timestamp) >>> 0,
        };
        previous = unit.at(-1)!;
        if (facts.sameSource && facts.sequenceStep === 1 && facts.ticks === FRAME_TICKS) continue;
        assert.deepEqual({ ...facts, ...after }, facts);
        break;
      }
    });
  }

  test('breakOff: the connection ends within an access unit that is no keyframe', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    const left = once(mount, 'leave');
    mount.breakOff();
    await Promise.all([client.closed, left]);
    assert.deepEqual([mount.counters.lostPackets, mount.playing], [1, 0]);
  });

  test('switchTo: another clip goes on in the same session, with later timestamps', async () => {
    const mount = suite.addMount();
    const client = await suite.connect(mount);
    await client.play();
    let previous = await client.nextAccessUnit();
    mount.switchTo(syntheticClip({ accessUnits: 12, gop: 4, bytes: 100, fps: 100 }));
    // A slice of the other clip fits into one packet.
    while (previous.length > 1) {
      const unit = await client.nextAccessUnit();
      assert.equal((unit[0]!.timestamp - previous[0]!.timestamp) >>> 0, FRAME_TICKS);
      previous = unit;
    }
  });

  test('killSessions: closes the connections that play', async () => {
    const mount = suite.addMount();
    const [playing, idle] = [await suite.connect(mount), await suite.connect(mount)];
    await playing.play();
    const left = once(mount, 'leave');
    mount.killSessions();
    await Promise.all([playing.closed, left]);
    assert.equal(mount.playing, 0);
    assert.equal((await idle.request('OPTIONS')).status, 200);
  });

  test('a client that does not read misses whole access units, up to a keyframe', async () => {
    // 40 MB/s fill the socket buffers of both sides at once.
    const clip = syntheticClip({ accessUnits: 12, gop: 4, bytes: 400_000, fps: 100 });
    const mount = suite.addMount({}, clip);
    const client = await suite.connect(mount);
    await client.play();
    let previous = await client.nextAccessUnit();
    client.socket.pause();
    await until(async () => mount.counters.skippedAccessUnits > 20 || undefined, {
      timeoutMs: 20_000,
      describe: () => `Expected more than 20 skipped access units but counted ${mount.counters.skippedAccessUnits}`,
    });
    client.socket.resume();
    let jumps = 0;
    while (jumps === 0) {
      const unit = await client.nextAccessUnit();
      assert.equal((unit[0]!.sequence - previous.at(-1)!.sequence) & 0xffff, 1, 'skipping leaves no gap');
      if ((unit[0]!.timestamp - previous[0]!.timestamp) >>> 0 > FRAME_TICKS) {
        jumps++;
        const nals = h264Nals(unit.map(({ payload }) => payload));
        assert.deepEqual(nals.slice(0, 2), [SPS, PPS], 'goes on with a keyframe');
      }
      previous = unit;
    }
  });
});
