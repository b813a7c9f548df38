import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArrivalRate } from './arrival-rate.js';
import { CommandFailure } from './failure.js';
import { jpegSize } from './jpeg-size.js';
import { SERVER_HELP, SERVER_OPTION, ServerClient } from './server-client.js';
import { print, printable, tell } from './terminal.js';
import { readArguments, readCameraId, readInteger, readNumber, UsageError, type Command } from './usage.js';
import { watchCamera, type ViewedNews, type ViewedPicture } from './viewer-socket.js';

const OPTIONS = {
  ...SERVER_OPTION,
  json: { type: 'boolean', default: false },
  out: { type: 'string' },
  count: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  quality: { type: 'string' },
  fps: { type: 'string' },
} as const;

export const watch: Command = {
  summary: "Tells of a camera's live pictures, or saves them",
  help: `Usage: framewell watch <camera> [--json] [--out <folder>] [--count <pictures>]

One line a picture: sequence, age when the server sent it, size, pictures a second, and the rung of the ladder that the
link is on (0: all that was asked for). Ends with Ctrl-C, after --count pictures, or when the server ends the stream.

  --json                        A JSON object a line, the server's own messages among them
  --out <folder>                Writes <camera>-<sequence>.jpg there; a slow disk gets fewer pictures
  --count <pictures>
  --width <px>, --height <px>   Bounds; the aspect ratio is kept, nothing is enlarged
  --quality <1-100>
  --fps <pictures a second>
${SERVER_HELP}`,

  async run(args) {
    const { values, operands } = readArguments(args, OPTIONS, ['camera']);
    const id = readCameraId(operands[0]!);
    const query = {
      width: readInteger('width', values.width),
      height: readInteger('height', values.height),
      quality: readInteger('quality', values.quality),
      fps: readNumber('fps', values.fps),
    };
    let left = readInteger('count', values.count) ?? Infinity;
    if (left === 0) throw new UsageError('Expected an integer from 1 for --count but received 0');
    const server = new ServerClient(values.server);
    const { out } = values;
    if (out !== undefined) await makeFolder(out);
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    const report = values.json ? asJson : asText;
    const rate = new ArrivalRate();
    for await (const message of watchCamera(server, id, query, interrupted.signal)) {
      if (message.type !== 'picture') {
        report.news(message);
        continue;
      }
      rate.count(performance.now());
      const file = out === undefined ? undefined : await save(message, out, id);
      report.picture(message, { fps: rate.perSecond, file });
      if (--left === 0) return;
    }
  },
};

/** How what comes is printed. */
interface Report {
  picture(picture: ViewedPicture, facts: PictureFacts): void;
  news(news: ViewedNews): void;
}

/** What is found out here. */
interface PictureFacts {
  /** Undefined until two pictures have come. */
  readonly fps: number | undefined;
  readonly file: string | undefined;
}

const asText: Report = {
  picture({ sequence, ageMs, rung, jpeg }, { fps, file }) {
    const { width, height } = jpegSize(jpeg);
    const rate = fps === undefined ? '' : `  ${fps.toFixed(1)} fps`;
    const saved = file === undefined ? '' : `  ${file}`;
    print(`${sequence}  ${ageMs} ms old  ${width}x${height}  ${jpeg.length} bytes${rate}  rung ${rung}${saved}`);
  },
  news(news) {
    if (news.type === 'link') tell(`link: rung ${news.rung}, ${news.kbps} kbit/s`);
    const cameras = news.type === 'hello' ? news.cameras : news.type === 'camera' ? [news] : [];
    for (const { id, state, cause } of cameras) {
      tell(printable(`${id}: ${state}${cause ? `, ${cause.code}: ${cause.message}` : ''}`));
    }
  },
};

const asJson: Report = {
  picture({ jpeg, ...facts }, found) {
    print(JSON.stringify({ ...facts, bytes: jpeg.length, ...jpegSize(jpeg), ...found }));
  },
  news(news) {
    print(JSON.stringify(news));
  },
};

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(notWritten);
}

async function save({ sequence, jpeg }: ViewedPicture, folder: string, id: string): Promise<string> {
  const file = join(folder, `${id}-${sequence}.jpg`);
  await writeFile(file, jpeg).catch(notWritten);
  return file;
}

function notWritten(error: unknown): never {
  throw new CommandFailure(`The pictures cannot be written: ${(error as Error).message}`);
}
