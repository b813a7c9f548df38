import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importWebModule } from '../support/web-modules.js';

interface Picture {
  readonly capturedAtMs: number | null;
  readonly ageMs: number;
  readonly arrivedAt: number;
  readonly jpeg: Blob;
}

const { readPicture, pictureAge, streamUrl } = await importWebModule<{
  readPicture: (message: ArrayBuffer, arrivedAt: number) => Picture;
  pictureAge: (picture: Picture, now: number) => number;
  streamUrl: (server: string) => string;
}>('viewer/protocol.js');
const { limitsFor } = await importWebModule<{
  limitsFor: (box: object, camera: object, fit?: string) => object;
}>('viewer/picture-size.js');

/** A message as docs/viewer-protocol.md has it, byte by byte. */
function message({ version = 1, capturedAt = 0n, jpeg = [0xff, 0xd8, 0xff, 0xd9] } = {}): ArrayBuffer {
  const header = Buffer.from([version, 3, 0x34, 0x12, 0xe8, 0x03, 0, 0, ...new Array<number>(24).fill(0)]);
  header.writeBigUInt64LE(4_294_967_297n, 8);
  header.writeBigUInt64LE(1_767_225_600_123n, 16);
  header.writeBigUInt64LE(capturedAt, 24);
  return new Uint8Array(Buffer.concat([header, Buffer.from(jpeg)])).buffer;
}

describe("the header of a viewer's picture", () => {
  it('is read as little endian, with the JPEG after it', async () => {
    const { jpeg, ...facts } = readPicture(message(), 50);
    assert.deepEqual(facts, {
      rung: 3,
      channel: 0x1234,
      ageMs: 1000,
      sequence: 4_294_967_297,
      receivedAtMs: 1_767_225_600_123,
      capturedAtMs: null,
      arrivedAt: 50,
    });
    assert.equal(jpeg.type, 'image/jpeg');
    assert.deepEqual(Buffer.from(await jpeg.arrayBuffer()), Buffer.from([0xff, 0xd8, 0xff, 0xd9]));
  });

  it("tells the camera's own time where there is one", () => {
    const { capturedAtMs } = readPicture(message({ capturedAt: 1_767_225_600_001n }), 0);
    assert.equal(capturedAtMs, 1_767_225_600_001);
  });

  it('refuses another version, and a message that ends too early', () => {
    const expected = /Expected a picture of version 1 but received/;
    assert.throws(() => readPicture(message({ version: 2 }), 0), expected);
    assert.throws(() => readPicture(message({ jpeg: [] }), 0), expected);
    assert.throws(() => readPicture(new ArrayBuffer(0), 0), expected);
  });

  it('gives an age that grows from the one at the sending', () => {
    const picture = readPicture(message(), 5000);
    assert.equal(pictureAge(picture, 5000), 1000);
    assert.equal(pictureAge(picture, 7250), 3250);
  });
});

describe("the address of a server's pictures", () => {
  it('is below that of the server, whether it ends in a slash or not', () => {
    assert.equal(streamUrl('http://10.0.0.5:3000'), 'ws://10.0.0.5:3000/stream');
    assert.equal(streamUrl('https://house.test/cameras'), 'wss://house.test/cameras/stream');
    assert.equal(streamUrl('https://house.test/cameras/'), 'wss://house.test/cameras/stream');
  });
});

describe('the width that a picture is asked for', () => {
  const camera = { width: 1920, height: 1080 };
  const cases: [what: string, limits: object, expected: object][] = [
    ['the next step of 64', limitsFor({ width: 482, height: 271 }, camera), { width: 512 }],
    ['a step itself', limitsFor({ width: 640, height: 360 }, camera), { width: 640 }],
    ['what fits, of a wide box', limitsFor({ width: 900, height: 270 }, camera), { width: 512 }],
    ['what fills, of a wide box', limitsFor({ width: 900, height: 270 }, camera, 'cover'), { width: 960 }],
    ['what fills, of a tall box', limitsFor({ width: 300, height: 540 }, camera, 'cover'), { width: 960 }],
    ["the box's own, of an unknown camera", limitsFor({ width: 300, height: 100 }, {}), { width: 320 }],
    ['none, where the camera has no more', limitsFor({ width: 1900, height: 1200 }, camera), {}],
    ['the least, of an element without size', limitsFor({ width: 0, height: 0 }, camera), { width: 64 }],
  ];
  for (const [what, limits, expected] of cases) {
    it(`is ${what}`, () => assert.deepEqual(limits, expected));
  }
});
