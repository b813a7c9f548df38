import { formatSpan } from '../services/time-span.js';
import type { CameraReport } from './camera-report.js';
import { describeVideo } from './describe-camera.js';
import { SERVER_HELP, SERVER_OPTION, ServerClient } from './server-client.js';
import { printTable } from './terminal.js';
import { readArguments, type Command } from './usage.js';

const HEADING = ['ID', 'NAME', 'STATE', 'VIDEO', 'ENGINE', 'RECEIVED', 'CAUSE'];

export const list: Command = {
  summary: 'Shows the cameras and how they do',
  help: `Usage: framewell list

One line a camera: state, video, engine, when its last video was received, and why none comes.

${SERVER_HELP}`,

  async run(args) {
    const { values } = readArguments(args, SERVER_OPTION, []);
    const { cameras } = (await new ServerClient(values.server).getJson('cameras')) as { cameras: CameraReport[] };
    printTable([HEADING, ...cameras.map(rowOf)]);
  },
};

function rowOf(camera: CameraReport): string[] {
  const { id, name, state, codec, engine, ages } = camera;
  const { size = '', rate = '' } = describeVideo(camera);
  const received = ages.accessUnitMs === null ? '-' : `${formatSpan(ages.accessUnitMs)} ago`;
  const cause = state.cause ? `${state.cause.code}: ${state.cause.message}` : '';
  return [id, name, state.name, codec === null ? '-' : `${codec} ${size} ${rate}`, engine.name, received, cause];
}
