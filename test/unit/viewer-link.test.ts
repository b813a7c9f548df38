import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { importWebModule } from '../support/web-modules.js';

interface Cause {
  readonly code: string;
  readonly message: string;
}

interface Subscription {
  limits: object;
  paused: boolean;
  readonly camera: { readonly channel: number } | null;
  readonly cause: Cause | null;
  close(): void;
}

interface Listener {
  onPicture(picture: { sequence: number }): void;
  onChange(): void;
}

interface ViewerLink {
  paused: boolean;
  readonly info: { readonly rung: number };
  subscribe(cameraId: string, limits: object, listener: Listener): Subscription;
  retry(): void;
}

const { ViewerLink: Link } = await importWebModule<{
  ViewerLink: new (server: string, open: (url: string) => FakeSocket) => ViewerLink;
}>('viewer/viewer-link.js');
const { retryDelay } = await importWebModule<{ retryDelay: (failures: number) => number }>(
  'viewer/reconnecting-socket.js',
);

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** A WebSocket whose other end is the test. */
class FakeSocket {
  readyState = CONNECTING;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  /** What was sent and not yet taken. */
  readonly sent: unknown[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    assert.equal(this.readyState, OPEN);
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = CLOSED;
  }

  open(): void {
    this.readyState = OPEN;
    this.onopen?.();
  }

  drop(): void {
    this.readyState = CLOSED;
    this.onclose?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  show(channel: number, sequence: number): void {
    const message = Buffer.alloc(36);
    message.writeUInt8(1, 0);
    message.writeUInt16LE(channel, 2);
    message.writeBigUInt64LE(BigInt(sequence), 8);
    this.onmessage?.({ data: new Uint8Array(message).buffer });
  }

  take(): unknown[] {
    return this.sent.splice(0);
  }
}

describe("a viewer's link to a server", () => {
  let sockets: FakeSocket[];
  let link: ViewerLink;
  let pictures: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    sockets = [];
    pictures = [];
    link = new Link('http://house.test', (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    });
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  function subscribe(id: string, limits: object = { width: 320 }): Subscription {
    const onPicture = ({ sequence }: { sequence: number }) => pictures.push(`${id} ${sequence}`);
    return link.subscribe(id, limits, { onPicture, onChange: () => undefined });
  }

  /** What was changed is said at the end of the task. */
  async function settled(): Promise<void> {
    await Promise.resolve();
  }

  async function opened(): Promise<FakeSocket> {
    await settled();
    const socket = sockets.at(-1)!;
    socket.open();
    return socket;
  }

  function camera(channel: number, id: string, state = 'live') {
    return { type: 'camera', channel, id, name: id, state, width: 1280, height: 720 };
  }

  it('carries all cameras over one socket', async () => {
    subscribe('gate');
    subscribe('yard', { width: 640 });
    const socket = await opened();
    assert.equal(sockets.length, 1);
    assert.equal(socket.url, 'ws://house.test/stream');
    assert.equal(socket.binaryType, 'arraybuffer');
    assert.deepEqual(socket.take(), [
      { type: 'subscribe', camera: 'gate', width: 320 },
      { type: 'subscribe', camera: 'yard', width: 640 },
    ]);
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'yard'));
    socket.show(2, 7);
    socket.show(1, 8);
    assert.deepEqual(pictures, ['yard 7', 'gate 8']);
  });

  it('tells two subscriptions to one camera apart', async () => {
    const [small, large] = [subscribe('gate'), subscribe('gate', { width: 1280 })];
    const socket = await opened();
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'gate'));
    assert.deepEqual([small.camera?.channel, large.camera?.channel], [1, 2]);
  });

  it('says only what has changed, once the channel is known', async () => {
    const gate = subscribe('gate');
    const socket = await opened();
    socket.take();
    gate.limits = { width: 640 };
    gate.limits = { width: 960 };
    gate.paused = true;
    await settled();
    assert.deepEqual(socket.take(), []);
    socket.say(camera(1, 'gate'));
    await settled();
    assert.deepEqual(socket.take(), [
      { type: 'limit', channel: 1, width: 960 },
      { type: 'pause', channel: 1 },
    ]);
    gate.limits = { width: 960 };
    gate.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'resume', channel: 1 }]);
  });

  it('ends a subscription that was closed before its answer came, and not the one after it', async () => {
    const first = subscribe('gate');
    const socket = await opened();
    first.close();
    const second = subscribe('gate');
    await settled();
    socket.take();
    socket.say(camera(1, 'gate'));
    assert.deepEqual(socket.take(), [{ type: 'unsubscribe', channel: 1 }]);
    // News that crossed the message.
    socket.say(camera(1, 'gate', 'backingOff'));
    socket.say(camera(2, 'gate'));
    assert.equal(second.camera?.channel, 2);
    assert.deepEqual(socket.take(), []);
  });

  it('pauses all of it while nobody looks, and asks for nothing new', async () => {
    subscribe('gate');
    const socket = await opened();
    socket.say(camera(1, 'gate'));
    socket.take();
    link.paused = true;
    subscribe('yard');
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'pause', channel: 1 }]);
    link.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [
      { type: 'resume', channel: 1 },
      { type: 'subscribe', camera: 'yard', width: 320 },
    ]);
  });

  it('resumes what was paused as a whole, and leaves what is paused by itself', async () => {
    const [gate] = [subscribe('gate'), subscribe('yard')];
    const socket = await opened();
    gate.paused = true;
    link.paused = true;
    // The answers come while nobody looks.
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'yard'));
    await settled();
    socket.take();
    link.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'resume', channel: 2 }]);
  });

  it('connects again with growing pauses, and asks for all of it again', async () => {
    mock.method(Math, 'random', () => 0.5);
    const gate = subscribe('gate');
    const socket = await opened();
    socket.say(camera(1, 'gate'));
    socket.drop();
    assert.equal(gate.camera, null);
    assert.equal(gate.cause?.code, 'ERR_NO_CONTACT');
    for (const pauseMs of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const before = sockets.length;
      mock.timers.tick(pauseMs - 1);
      assert.equal(sockets.length, before);
      mock.timers.tick(1);
      assert.equal(sockets.length, before + 1);
      sockets.at(-1)!.drop();
    }
    link.retry();
    const next = await opened();
    assert.deepEqual(next.take(), [{ type: 'subscribe', camera: 'gate', width: 320 }]);
    next.say(camera(1, 'gate'));
    assert.equal(gate.cause, null);
    next.show(1, 9);
    assert.deepEqual(pictures, ['gate 9']);
  });

  it('does not try while nobody looks, and at once when somebody does', async () => {
    subscribe('gate');
    link.paused = true;
    await settled();
    assert.equal(sockets.length, 0);
    link.paused = false;
    const socket = await opened();
    link.paused = true;
    socket.drop();
    mock.timers.tick(60_000);
    assert.equal(sockets.length, 1);
    link.paused = false;
    await settled();
    assert.equal(sockets.length, 2);
  });

  it('gives up a socket over which a live camera says nothing', async () => {
    subscribe('gate');
    const socket = await opened();
    socket.say(camera(1, 'gate', 'parked'));
    mock.timers.tick(60_000);
    assert.equal(socket.readyState, OPEN);
    socket.say(camera(1, 'gate'));
    // The link looks at the clock of the machine, which no test moves.
    mock.method(performance, 'now', () => 1e9);
    mock.timers.tick(5000);
    assert.equal(socket.readyState, CLOSED);
    mock.timers.tick(1000);
    assert.equal(sockets.length, 2);
  });

  it('says that the browser does not allow the connection, and goes on trying', async () => {
    const refusals = [
      () => {
        throw new Error('An insecure socket from a page over https');
      },
      (url: string) => Object.assign(new FakeSocket(url), { readyState: CLOSED }),
    ];
    for (const refuse of refusals) {
      let tries = 0;
      link = new Link('http://house.test', (url) => {
        tries += 1;
        return refuse(url);
      });
      const gate = subscribe('gate');
      await settled();
      assert.equal(gate.cause?.code, 'ERR_SOCKET_REFUSED');
      mock.timers.tick(1000);
      assert.equal(tries, 2);
      gate.close();
    }
  });

  it('asks again for a camera that is not there, with growing pauses', async () => {
    mock.method(Math, 'random', () => 0.5);
    const gate = subscribe('gate');
    const socket = await opened();
    const asking = [{ type: 'subscribe', camera: 'gate', width: 320 }];
    assert.deepEqual(socket.take(), asking);
    socket.say({ type: 'error', code: 'ERR_CAMERA_NOT_FOUND', message: 'No camera gate', camera: 'gate' });
    assert.deepEqual(gate.cause, { code: 'ERR_CAMERA_NOT_FOUND', message: 'No camera gate' });
    mock.timers.tick(499);
    await settled();
    assert.deepEqual(socket.take(), []);
    mock.timers.tick(1);
    await settled();
    assert.deepEqual(socket.take(), asking);
    socket.say(camera(1, 'gate'));
    socket.say({ type: 'ended', channel: 1, id: 'gate', code: 'ERR_CAMERA_NOT_FOUND', message: 'Taken out' });
    assert.deepEqual(gate.cause, { code: 'ERR_CAMERA_NOT_FOUND', message: 'Taken out' });
    mock.timers.tick(500);
    await settled();
    assert.deepEqual(socket.take(), asking);
  });

  it('tells how far the pictures are reduced, until the connection is another', async () => {
    subscribe('gate');
    const socket = await opened();
    socket.say({ type: 'link', rung: 2, kbps: 280, ageMs: 410 });
    assert.equal(link.info.rung, 2);
    socket.drop();
    assert.equal(link.info.rung, 0);
  });

  it('closes the socket when nobody has subscribed for a while', async () => {
    const gate = subscribe('gate');
    const socket = await opened();
    socket.say(camera(1, 'gate'));
    socket.take();
    gate.close();
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'unsubscribe', channel: 1 }]);
    mock.timers.tick(1000);
    assert.equal(socket.readyState, OPEN);
    mock.timers.tick(1000);
    assert.equal(socket.readyState, CLOSED);
    subscribe('yard');
    await settled();
    assert.equal(sockets.length, 2);
  });
});

it('lets the pause before a next try vary by a quarter to either side', (t) => {
  const random = t.mock.method(Math, 'random', () => 0);
  assert.equal(retryDelay(0), 375);
  random.mock.mockImplementation(() => 1);
  assert.equal(retryDelay(0), 625);
});
