/**
 * Runs as a process of its own: `beamcoder-decode.js CLIP COUNT` writes the first COUNT pictures of a yuv420p clip
 * to standard output, planes without padding. A process of its own because beamcoder leaks and may crash when it is
 * torn down; what it wrote before is whole.
 */
import { createRequire } from 'node:module';

interface Beamcoder {
  demuxer(url: string): Promise<{ read(): Promise<object | null> }>;
  decoder(options: { demuxer: object; stream_index: number }): {
    decode(packet: object): Promise<{ frames: BeamcoderFrame[] }>;
    flush(): Promise<{ frames: BeamcoderFrame[] }>;
  };
}

interface BeamcoderFrame {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly linesize: number[];
  readonly data: Buffer[];
}

async function* decode(beamcoder: Beamcoder, clip: string): AsyncGenerator<BeamcoderFrame> {
  const demuxer = await beamcoder.demuxer(`file:${clip}`);
  const decoder = beamcoder.decoder({ demuxer, stream_index: 0 });
  for (let packet = await demuxer.read(); packet; packet = await demuxer.read()) {
    yield* (await decoder.decode(packet)).frames;
  }
  yield* (await decoder.flush()).frames;
}

function planes(frame: BeamcoderFrame): Buffer {
  if (frame.format !== 'yuv420p') throw new Error(`Expected yuv420p but received ${frame.format}`);
  const rows: Buffer[] = [];
  for (const plane of [0, 1, 2]) {
    const width = plane === 0 ? frame.width : frame.width / 2;
    const height = plane === 0 ? frame.height : frame.height / 2;
    const stride = frame.linesize[plane]!;
    for (let y = 0; y < height; y++) rows.push(frame.data[plane]!.subarray(y * stride, y * stride + width));
  }
  return Buffer.concat(rows);
}

const [clip, count] = process.argv.slice(2);
if (!clip || !count) throw new Error('Expected a clip and a count');
// beamcoder prints its licence to standard output while it loads; the pictures need that stream for themselves.
const write = process.stdout.write.bind(process.stdout);
console.log = console.error;
const beamcoder = createRequire(import.meta.url)('beamcoder') as Beamcoder;
let written = 0;
for await (const frame of decode(beamcoder, clip)) {
  await new Promise<void>((resolve) => write(planes(frame), () => resolve()));
  if (++written === Number(count)) break;
}
