import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { formatSpan } from '../services/time-span.js';
import { CommandFailure } from './failure.js';
import { SERVER_HELP, SERVER_OPTION, ServerClient } from './server-client.js';
import { tell } from './terminal.js';
import { readArguments, readCameraId, readInteger, UsageError, type Command } from './usage.js';

/** What the server waits where the request does not say. */
const DEFAULT_WAIT_MS = 1500;

const OPTIONS = {
  ...SERVER_OPTION,
  output: { type: 'string', short: 'o' },
  width: { type: 'string' },
  height: { type: 'string' },
  quality: { type: 'string' },
  format: { type: 'string' },
  'max-age': { type: 'string' },
  wait: { type: 'string' },
} as const;

export const snapshot: Command = {
  summary: "Saves a camera's newest picture",
  help: `Usage: framewell snapshot <camera> [-o <file>]

Without -o the picture goes to the standard output, unless that is a terminal. With it, its sequence and age are told.
A camera that has no picture as new as asked for gives none: exit code 1, and the reason.

  -o, --output <file>
  --width <px>, --height <px>   Bounds; the aspect ratio is kept, nothing is enlarged
  --quality <1-100>
  --format <jpeg|webp|avif>
  --max-age <ms>                How old the picture may be
  --wait <ms>                   How long to wait for one that is new enough
${SERVER_HELP}`,

  async run(args) {
    const { values, operands } = readArguments(args, OPTIONS, ['camera']);
    const id = readCameraId(operands[0]!);
    const { output, format } = values;
    if (output === undefined && process.stdout.isTTY) {
      throw new UsageError('Expected -o <file>, or a standard output that is no terminal: the picture is binary');
    }
    const wait = readInteger('wait', values.wait);
    const query = {
      width: readInteger('width', values.width),
      height: readInteger('height', values.height),
      quality: readInteger('quality', values.quality),
      format,
      maxAge: readInteger('max-age', values['max-age']),
      wait,
    };
    const server = new ServerClient(values.server);
    const { headers, body } = await server.get(`cameras/${id}/snapshot.jpg`, query, wait ?? DEFAULT_WAIT_MS);
    if (output === undefined) return writeOut(body);
    await writeFile(output, body).catch((error: unknown) => {
      throw new CommandFailure(`The picture was not written: ${(error as Error).message}`);
    });
    const age = formatSpan(Number(headers.get('x-frame-age-ms')));
    tell(`${output}: ${body.length} bytes, sequence ${headers.get('x-frame-sequence')}, ${age} old`);
  },
};

async function writeOut(body: Buffer): Promise<void> {
  if (!process.stdout.write(body)) await once(process.stdout, 'drain');
}
