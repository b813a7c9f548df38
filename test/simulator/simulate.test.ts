import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDemoCamera } from '../../simulator/demo-camera.js';
import { RtspClient } from './rtsp-client.js';

const PROGRAM = fileURLToPath(new URL('../../simulator/simulate.js', import.meta.url));

async function assertPlays(url: string): Promise<void> {
  const client = await RtspClient.connect(url);
  await client.play();
  const unit = await client.nextAccessUnit();
  assert.ok(unit.length > 0);
  client.close();
}

describe('npm run simulate', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`prints settings, plays, and ends cleanly on ${signal}`, async () => {
      const child = spawn(process.execPath, [PROGRAM, '--cameras', '3', '--port', '0', '--udp'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        if (lines.length === 6) break;
      }
      const origin = /rtsp:\/\/127\.0\.0\.1:\d+/.exec(lines[0] ?? '')?.[0];
      const expected = [1, 2, 3].flatMap((camera) => [
        `CAMERA_URL_${camera}=${origin}/cam${camera}`,
        `CAMERA_TRANSPORT_${camera}=udp`,
      ]);
      assert.deepEqual(lines, expected);
      await assertPlays(`${origin}/cam3`);
      child.kill(signal);
      assert.deepEqual(await exited, [0, null]);
    });
  }

  for (const [args, message] of [
    [['--cameras', '0'], /^Expected integer 1-1000 for --cameras but received 0\nUsage: npm run simulate/],
    [['--port', '1e3'], /^Expected integer 0-65535 for --port but received 1e3\n/],
    [['--fps', 'fast'], /^Expected integer 1-240 for --fps but received fast\n/],
    [['--clip', 'nothing.txt'], /nothing\.txt/],
    [['--colour'], /--colour/],
  ] as const) {
    test(`refuses ${args.join(' ')}`, async () => {
      const run = promisify(execFile)(process.execPath, [PROGRAM, ...args]);
      await assert.rejects(run, ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 1);
        assert.match(stderr, message);
        return true;
      });
    });
  }
});

test('the demo camera plays, and its port closes with it', async () => {
  const camera = await startDemoCamera();
  await assertPlays(camera.url);
  await camera.close();
  await assert.rejects(RtspClient.connect(camera.url), { code: 'ECONNREFUSED' });
});
