import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { projectRoot } from '../../services/project-root.js';
import { startTestApp } from '../support/test-app.js';

/** An answer of /metrics in which every metric has samples. */
async function scrape(t: TestContext): Promise<string> {
  const { app, streams } = await startTestApp(t);
  const times = { counts: [1, 1], sumS: 1 };
  const front = streams.front!;
  front.workTimes = { boundsS: [0.01], decodes: times, encodes: times };
  front.know({
    endings: { ERR_STREAM_STALLED: 1 },
    totals: { accessUnits: 1, bytes: 1, decodedFrames: 1, losses: 1, packetsLost: 1 },
    session: {
      video: { codec: 'h264', width: 1280, height: 720, fps: 25, bitrateKbps: 2048 },
      ingest: { name: 'rtsp' },
      decoding: true,
      ring: { accessUnits: 1, bytes: 1, overflowed: false },
      bufferedFrames: 1,
      nextSequence: 2,
      lastAccessUnitAtMs: Date.now(),
      keyframeIntervalMs: 1000,
      counters: { accessUnits: 1, keyframes: 1, bytes: 1, decodedFrames: 1, losses: 1 },
    },
  });
  return (await app.inject('/metrics')).body;
}

function textOf(file: string): string {
  return readFileSync(join(projectRoot, 'docs/monitoring', file), 'utf8');
}

function all(pattern: RegExp, text: string): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found]) => found!))];
}

describe('metrics', () => {
  test('are named as Prometheus has it, with words for people', async (t) => {
    const body = await scrape(t);
    for (const [, name, type] of body.matchAll(/^# TYPE (framewell_\S+) (\S+)$/gm)) {
      assert.equal(type === 'counter', name!.endsWith('_total'), name);
      assert.ok(body.includes(`# HELP ${name} `), name);
      assert.match(body, new RegExp(`^${name}(_count)?[{ ]`, 'm'), `no sample of ${name}`);
    }
  });

  test('are all explained, and no other', async (t) => {
    const given = all(/^# TYPE (framewell_\S+)/gm, await scrape(t));
    assert.deepEqual(all(/^\| `(framewell_[a-z_]+)/gm, textOf('README.md')).sort(), given.sort());
  });

  test('have the labels that are explained', async (t) => {
    const body = await scrape(t);
    for (const [, name, labels] of textOf('README.md').matchAll(/^\| `(framewell_[a-z_]+)\{(.*?)\}/gm)) {
      const [sample] = new RegExp(`^${name}\\{.*`, 'm').exec(body)!;
      for (const label of labels!.split(',')) assert.match(sample, new RegExp(`[{,]${label}="`));
    }
  });
});

for (const file of ['alerts.yaml', 'grafana-dashboard.json']) {
  describe(file, () => {
    test('asks for metrics that there are', async (t) => {
      const body = await scrape(t);
      const asked = all(/\b((?:framewell|nodejs|process)_[a-z_0-9]+)/g, textOf(file));
      assert.ok(asked.length > 3, `only ${asked.length} names`);
      for (const name of asked) assert.match(body, new RegExp(`^${name}[{ ]`, 'm'));
    });

    test('asks for labels that there are', async (t) => {
      const body = await scrape(t);
      const grouped = all(/\bby \(([a-z, ]+)\)/g, textOf(file)).flatMap((labels) => labels.split(', '));
      const shown = all(/\{\{ ?(?:\$labels\.)?([a-z]+) ?\}\}/g, textOf(file));
      const chosen = all(/\bframewell_[a-z_]+\{([a-z]+)=/g, textOf(file));
      const labels = [...grouped, ...shown, ...chosen];
      assert.ok(labels.length > 1, `only ${labels.join()}`);
      for (const label of labels) assert.match(body, new RegExp(`[{,]${label}="`));
    });
  });
}
