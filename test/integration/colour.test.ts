import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { makeClip } from '../support/clips.js';
import {
  PATCHES,
  colourClipArguments,
  colourClipName,
  patchCentre,
  pixelFormat,
  type ColourClip,
} from '../support/colour-clips.js';
import { FramewellServer } from '../support/framewell-server.js';
import { colourDistance, decodeJpeg, meanColour } from '../support/picture.js';
import { requires } from '../support/requires.js';

/** What two roundings to 8 bits, ours to the JPEG and the reader's from it, can add up to for these colours. */
const TOLERANCE = 3;
const EXTENSIONS = { h264: 'h264', h265: 'h265', mjpeg: 'mjpeg' };

const SMALL: ColourClip = {
  codec: 'h264',
  matrix: 'bt709',
  range: 'limited',
  bits: 8,
  chroma: '420',
  width: 320,
  height: 160,
  flagged: true,
};

const CLIPS: readonly ColourClip[] = [
  ...combinations({
    codec: ['h264', 'h265'],
    matrix: ['smpte170m', 'bt709'],
    range: ['limited', 'full'],
    bits: [8, 10],
  }),
  ...combinations({ codec: ['h264'], matrix: ['bt470bg', 'fcc', 'smpte240m'] }),
  ...combinations({ codec: ['h265'], matrix: ['bt2020nc'], bits: [10], range: ['limited', 'full'] }),
  ...combinations({ codec: ['h264'], chroma: ['422', '444'], bits: [8, 10] }),
  ...combinations({ codec: ['h265'], chroma: ['422', '444'], bits: [8, 10], range: ['limited', 'full'] }),
  // The flags win over the size: small is not always BT.601, large not always BT.709.
  ...combinations({ matrix: ['smpte170m'], width: [1280], height: [720] }),
  // Without flags: BT.709 when the height is above 576 or the width above 1024, else BT.601; limited range.
  ...combinations({ codec: ['h264', 'h265'], matrix: ['smpte170m'], flagged: [false] }),
  ...combinations({ matrix: ['smpte170m'], width: [1024], height: [576], flagged: [false] }),
  ...combinations({ matrix: ['bt709'], width: [1088], height: [160], flagged: [false] }),
  ...combinations({ matrix: ['bt709'], width: [720], height: [608], flagged: [false] }),
  ...combinations({ codec: ['h264', 'h265'], matrix: ['bt709'], width: [1280], height: [720], flagged: [false] }),
  // JFIF needs no flags: full-range BT.601.
  ...combinations({ codec: ['mjpeg'], matrix: ['smpte170m'], range: ['full'], flagged: [false] }),
];

describe('colours of known patches', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const cameras = [];
    for (const clip of CLIPS) {
      const loaded = await loadClip(await pathOf(clip), { fps: 5 });
      cameras.push({ id: colourClipName(clip), url: simulator.addMount(`/${colourClipName(clip)}`, loaded).url });
    }
    server = await FramewellServer.start({ cameras });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  for (const clip of CLIPS) {
    const name = colourClipName(clip);

    test(`${name}: the clip says of itself what its name says`, async () => {
      const entries = 'stream=pix_fmt,color_space,color_range';
      const { stdout } = await promisify(execFile)('ffprobe', [
        ...['-v', 'error', '-show_entries', entries, '-of', 'json', await pathOf(clip)],
      ]);
      const { streams } = JSON.parse(stdout) as { streams: [Readonly<Record<string, string | undefined>>] };
      const [stream] = streams;
      // FFmpeg's own name for 8-bit full range.
      assert.equal(stream.pix_fmt?.replace('yuvj', 'yuv'), pixelFormat(clip).replace('yuvj', 'yuv'));
      if (clip.codec === 'mjpeg') return;
      assert.equal(stream.color_space, clip.flagged ? clip.matrix : undefined);
      if (clip.flagged) assert.equal(stream.color_range, clip.range === 'full' ? 'pc' : 'tv');
    });

    test(`${name}: every patch is within ${TOLERANCE} levels`, async () => {
      await server.untilState(name, 'live');
      const answer = await server.snapshot(name, '?quality=100');
      assert.equal(answer.status, 200, answer.body.toString());
      const picture = await decodeJpeg(answer.body);
      assert.deepEqual([picture.width, picture.height], [clip.width, clip.height]);
      for (const [index, expected] of PATCHES.entries()) {
        const received = meanColour(picture, patchCentre(index));
        assert.ok(
          colourDistance(received, expected) <= TOLERANCE,
          `Expected rgb(${expected.join()}) in patch ${index} but received rgb(${received.map(Math.round).join()})`,
        );
      }
    });
  }
});

function pathOf(clip: ColourClip): Promise<string> {
  return makeClip(colourClipName(clip), colourClipArguments(clip), EXTENSIONS[clip.codec]);
}

type Choices = { readonly [Key in keyof ColourClip]?: readonly ColourClip[Key][] };

/** Every combination of the choices; what is not given is as in SMALL. */
function combinations(choices: Choices): ColourClip[] {
  return Object.entries(choices).reduce<ColourClip[]>(
    (clips, [key, values]) => clips.flatMap((clip) => values.map((value) => ({ ...clip, [key]: value }))),
    [SMALL],
  );
}
