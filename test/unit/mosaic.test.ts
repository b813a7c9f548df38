import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import sharp from 'sharp';

import { CameraUnavailableError, RetryLaterError } from '../../services/errors.js';
import { Mosaics } from '../../services/jpeg/mosaic.js';
import type { MosaicCamera } from '../../services/jpeg/mosaic-tile.js';
import type { Picture as TakenPicture } from '../../services/jpeg/picture-cache.js';
import { FakeStream } from '../support/fake-stream.js';
import { colourDistance, decodeJpeg, meanColour, type Picture, type Rgb } from '../support/picture.js';

const BLUE: Rgb = [40, 80, 200];
const SHEET = { width: 640, columns: 2 };
/** Fractions of the sheet of SHEET: the parts of its four tiles that no text lies on. */
const CORNERS = [
  { left: 0.01, top: 0.02, width: 0.1, height: 0.05 },
  { left: 0.51, top: 0.02, width: 0.1, height: 0.05 },
  { left: 0.01, top: 0.53, width: 0.1, height: 0.05 },
  { left: 0.51, top: 0.53, width: 0.1, height: 0.05 },
] as const;

type Snapshot = MosaicCamera['pictures']['snapshot'];

interface TestCamera extends MosaicCamera {
  readonly stream: FakeStream;
  /** What each snapshot was allowed to wait, in milliseconds. */
  readonly waits: number[];
}

/** A live camera; `snapshot` stands in for its picture. */
function camera(id: string, snapshot: () => Promise<TakenPicture>, name = id): TestCamera {
  const waits: number[] = [];
  const take: Snapshot = (_options, freshness) => {
    if (!('waitMs' in freshness)) throw new Error('Expected a freshness');
    waits.push(freshness.waitMs!);
    return snapshot();
  };
  return { id, name, stream: new FakeStream(), pictures: { snapshot: take }, waits };
}

async function pictureOf(colour: Rgb, { ageMs = 50, width = 318, height = 179 } = {}): Promise<TakenPicture> {
  const [r, g, b] = colour;
  const jpeg = await sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .jpeg({ quality: 95 })
    .toBuffer();
  return { jpeg, sequence: 1, receivedAtMs: Date.now() - ageMs };
}

async function draw(...cameras: MosaicCamera[]): Promise<Picture> {
  return decodeJpeg((await new Mosaics().get(cameras, SHEET)).jpeg);
}

const brightnessOf = ([r, g, b]: Rgb): number => (r + g + b) / 3;

describe('tiles', () => {
  test('a live camera is its picture, a down one its last picture dimmed, or dark where there is none', async () => {
    const cause = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };
    const down = camera('down', () => pictureOf(BLUE, { ageMs: 190_000 }));
    down.stream.goDown(cause);
    const never = camera('never', () =>
      Promise.reject(new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera is down', { retryAfterS: 1, cause })),
    );
    never.stream.goDown(cause);
    const sheet = await draw(
      camera('live', () => pictureOf(BLUE)),
      down,
      never,
    );
    assert.deepEqual([sheet.width, sheet.height], [640, 362]);
    const [live, dimmed, dark] = CORNERS.map((corner) => meanColour(sheet, corner)) as [Rgb, Rgb, Rgb];
    assert.ok(colourDistance(live, BLUE) < 6, `live ${live.join()}`);
    assert.ok(brightnessOf(dimmed) < 0.5 * brightnessOf(BLUE) && dimmed[2] > dimmed[0] + 10, `dimmed ${dimmed.join()}`);
    assert.ok(brightnessOf(dark) < 32 && Math.abs(dark[2] - dark[0]) < 12, `dark ${dark.join()}`);
  });

  test('an old picture of a camera that is said to be live is never shown as live', async () => {
    const sheet = await draw(camera('stuck', () => pictureOf(BLUE, { ageMs: 5000 })));
    assert.ok(brightnessOf(meanColour(sheet, CORNERS[0])) < 0.5 * brightnessOf(BLUE));
  });

  test('a picture of another shape is whole, in the middle of its tile', async () => {
    const sheet = await draw(camera('portrait', () => pictureOf(BLUE, { width: 101, height: 179 })));
    assert.ok(colourDistance(meanColour(sheet, CORNERS[0]), BLUE) > 60);
    const middle = { left: 0.2, top: 0.1, width: 0.1, height: 0.3 };
    assert.ok(colourDistance(meanColour(sheet, middle), BLUE) < 6);
  });

  test('names are drawn with glyphs: another name of the same length is another picture', async () => {
    const [one, same, other] = await Promise.all(
      ['Front', 'Front', 'Frint'].map((name) => {
        const old = { ageMs: 500_000 };
        return draw(camera('a', () => pictureOf(BLUE, old), name));
      }),
    );
    assert.ok(one!.rgb.equals(same!.rgb));
    // Without a font every character is the same box, or none.
    assert.ok(!one!.rgb.equals(other!.rgb), 'Expected fonts-dejavu-core to be installed');
  });

  test('names with markup, control characters and any script', async () => {
    for (const name of [`<b>"it's" & more</b>`, '\u0000\u001b[31m\uFFFE', '倉庫 مدخل 👁️‍🗨️', '\uD800', 'x'.repeat(1000)]) {
      const sheet = await draw(camera('a', () => pictureOf(BLUE), name));
      assert.equal(sheet.width, 640);
    }
  });

  test('a name stays in its tile', async () => {
    const long = camera('a', () => pictureOf(BLUE), 'W'.repeat(200));
    const sheet = await draw(
      long,
      camera('b', () => pictureOf(BLUE), ''),
    );
    const short = await draw(
      camera('a', () => pictureOf(BLUE), ''),
      camera('b', () => pictureOf(BLUE), ''),
    );
    const right = { left: 0.52, top: 0.05, width: 0.35, height: 0.9 };
    assert.ok(colourDistance(meanColour(sheet, right), meanColour(short, right)) < 1);
  });
});

describe('sheets are shared', () => {
  test('requests for the same sheet join one, which is kept for half a second', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const mosaics = new Mosaics();
    const cameras = [camera('a', () => pictureOf(BLUE)), camera('b', () => pictureOf(BLUE))];
    const sheets = await Promise.all(Array.from({ length: 20 }, () => mosaics.get(cameras, SHEET)));
    // Two columns are what two cameras get anyway.
    sheets.push(await mosaics.get(cameras, { width: SHEET.width }));
    assert.equal(new Set(sheets).size, 1);
    assert.equal(cameras[0]!.waits.length, 1);

    await mosaics.get(cameras.toReversed(), SHEET);
    assert.equal(cameras[0]!.waits.length, 2, 'another order is another sheet');
    t.mock.timers.tick(500);
    await mosaics.get(cameras, SHEET);
    assert.equal(cameras[0]!.waits.length, 3);
  });

  test('more different sheets than are drawn at once are refused early, and only while they are drawn', async () => {
    const mosaics = new Mosaics();
    const cameras = [camera('a', () => pictureOf(BLUE))];
    const asked = [640, 641, 642, 643, 644].map((width) => mosaics.get(cameras, { width }));
    await assert.rejects(asked.pop()!, { code: 'ERR_OVERLOADED' });
    await Promise.all(asked);
    await mosaics.get(cameras, { width: 644 });
  });

  test('the overload of pictures is that of the sheet, not a fault that a tile shows; the next try is a new one', async () => {
    const overload = new RetryLaterError('ERR_OVERLOADED', 'Too many', { retryAfterS: 1 });
    const answers = [() => Promise.reject(overload), () => pictureOf(BLUE)];
    const mosaics = new Mosaics();
    const cameras = [camera('a', () => answers.shift()!())];
    await assert.rejects(mosaics.get(cameras, SHEET), overload);
    await mosaics.get(cameras, SHEET);
  });
});

test('cameras that hang hold up the sheet once, however many they are', async (t) => {
  const old = await pictureOf(BLUE, { ageMs: 60_000 });
  t.mock.timers.enable({ apis: ['Date'] });
  const hangs: (() => void)[] = [];
  const cameras = Array.from({ length: 20 }, (_, index) =>
    camera(`hangs-${index}`, async () => {
      await new Promise<void>((resolve) => hangs.push(resolve));
      return old;
    }),
  );
  const sheet = new Mosaics().get(cameras, SHEET);
  assert.equal(hangs.length, 8, 'taken at a time');
  const allowed = cameras[0]!.waits[0]!;
  assert.ok(allowed > 0 && allowed <= 1000, `allowed ${allowed}`);
  t.mock.timers.tick(allowed);
  for (let goOn = hangs.shift(); goOn !== undefined; goOn = hangs.shift()) {
    goOn();
    await turn();
  }
  await sheet;
  assert.deepEqual(new Set(cameras.slice(8).flatMap(({ waits }) => waits)), new Set([0]));
});
