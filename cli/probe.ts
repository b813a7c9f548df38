import { CameraSource } from '../services/cameras/camera-source.js';
import { ParameterError } from '../services/errors.js';
import type { CameraReport } from './camera-report.js';
import { describeCamera } from './describe-camera.js';
import { SERVER_HELP, SERVER_OPTION, ServerClient } from './server-client.js';
import { printFacts, tell } from './terminal.js';
import { readArguments, readCameraId, UsageError, type Command } from './usage.js';

const OPTIONS = { ...SERVER_OPTION, transport: { type: 'string' } } as const;

const TRANSPORTS = ['tcp', 'udp', 'multicast'] as const;

const LOGIN_WARNING =
  'Warning: every user of this machine can see the login in this command line. FRAMEWELL_CAMERA_USERNAME and ' +
  'FRAMEWELL_CAMERA_PASSWORD in the environment keep it to you.';

export const probe: Command = {
  summary: 'Tells what a camera sends, or why it does not',
  help: `Usage: framewell probe <rtsp url | camera id>

A URL is opened from here, without a server: codec, size, rate, keyframe interval, who receives it, and the time to the
first picture; or the cause, with its code. An id is a camera of the server, which tells what it knows.

Every user of this machine can see a command line: give a camera's login in the environment, as
FRAMEWELL_CAMERA_USERNAME and FRAMEWELL_CAMERA_PASSWORD.

  --transport <tcp|udp|multicast>   For a URL; default: tcp
${SERVER_HELP}`,

  async run(args) {
    const { values, operands } = readArguments(args, OPTIONS, ['rtsp url or camera id']);
    const [target] = operands as [string];
    if (target.includes('://')) {
      const source = readSource(target, values.transport);
      // The engine is loaded for those alone who need it.
      const { probeCamera } = await import('./probe-camera.js');
      printFacts(await probeCamera(source));
    } else {
      const server = new ServerClient(values.server);
      printFacts(describeCamera((await server.getJson(`cameras/${readCameraId(target)}`)) as CameraReport));
    }
  },
};

/** @throws UsageError, without the URL */
function readSource(url: string, transportText: string | undefined): CameraSource {
  const transport = TRANSPORTS.find((known) => known === (transportText ?? 'tcp'));
  if (transport === undefined) throw new UsageError(`Expected ${TRANSPORTS.join(', ')} for --transport`);
  const { FRAMEWELL_CAMERA_USERNAME: user, FRAMEWELL_CAMERA_PASSWORD: password } = process.env;
  try {
    const source = new CameraSource(url, { transport, ...(user && { user }), ...(password && { password }) });
    if (!user && !password && source.redactedUrl.includes('***@')) tell(LOGIN_WARNING);
    return source;
  } catch (error) {
    if (error instanceof ParameterError) throw new UsageError(error.message);
    throw error;
  }
}
