import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineLogger } from '../../services/cameras/transition-log.js';
import { StreamEngine, type EngineChange } from '../../services/stream/stream-engine.js';
import { memoryLog } from '../support/test-app.js';

const CHOSEN = { name: 'cuda', reason: "NVIDIA's driver" } as const;
const ON_CARD = { name: 'cuda', reason: 'NVDEC of GPU 0', gpu: 0 } as const;
const ON_OTHER_CARD = { name: 'cuda', reason: 'NVDEC of GPU 1', gpu: 1 } as const;
const CARD_LOST = { name: 'cpu', reason: 'GPU 0 was lost' } as const;

test('a change is told once, over all sessions', () => {
  const engine = new StreamEngine(CHOSEN);
  const changes: EngineChange[] = [];
  const stopListening = engine.listen((change) => changes.push(change));
  for (const use of [ON_CARD, ON_CARD, CARD_LOST, CARD_LOST, ON_CARD, ON_OTHER_CARD]) engine.use(use);
  stopListening();
  engine.use(CARD_LOST);
  assert.deepEqual(changes, [
    { from: ON_CARD, to: CARD_LOST },
    { from: CARD_LOST, to: ON_CARD },
    { from: ON_CARD, to: ON_OTHER_CARD },
  ]);
});

test('a camera that leaves its card is a warning with the cause, its return is news', () => {
  const { log, lines } = memoryLog();
  const tell = engineLogger('door', log);
  tell({ from: ON_CARD, to: CARD_LOST });
  tell({ from: CARD_LOST, to: ON_CARD });
  tell({ from: CHOSEN, to: { name: 'cpu', reason: 'MJPEG goes out as the camera sends it' } });
  assert.deepEqual(
    lines.map(({ level, msg, cameraId, gpu, fromGpu, reason }) => ({ level, msg, cameraId, gpu, fromGpu, reason })),
    [
      {
        level: 40,
        msg: 'Camera moved to the CPU',
        cameraId: 'door',
        gpu: undefined,
        fromGpu: 0,
        reason: 'GPU 0 was lost',
      },
      {
        level: 30,
        msg: 'Camera moved to a card',
        cameraId: 'door',
        gpu: 0,
        fromGpu: undefined,
        reason: 'NVDEC of GPU 0',
      },
      {
        level: 30,
        msg: 'Camera decoded by the CPU',
        cameraId: 'door',
        gpu: undefined,
        fromGpu: undefined,
        reason: 'MJPEG goes out as the camera sends it',
      },
    ],
  );
});
