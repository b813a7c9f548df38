// Whether the server that these same settings have started answers: exits with 0 when it does, else with 1 and the
// reason. For HEALTHCHECK in containers, which knows neither the port nor whether TLS is on.
import { get as getPlain } from 'node:http';
import { get as getSecure, type RequestOptions } from 'node:https';
import { ENV_FILE, loadConfig, readEnvironment } from './services/config.js';

const TIMEOUT_MS = 4000;

const { host, port, tlsCertFile } = loadConfig(readEnvironment(process.env, ENV_FILE));
const options: RequestOptions = {
  // Linux takes 0.0.0.0 and :: as an address of this machine.
  host,
  port,
  path: '/healthz',
  signal: AbortSignal.timeout(TIMEOUT_MS),
  // The certificate has the name that others know this machine by; nothing secret is sent to it.
  rejectUnauthorized: false,
};
const get = tlsCertFile === undefined ? getPlain : getSecure;
get(options, ({ statusCode }) => leave(statusCode === 200 ? undefined : `status ${statusCode}`)).on(
  'error',
  ({ message }) => leave(message),
);

function leave(problem: string | undefined): void {
  if (problem !== undefined) process.stderr.write(`Expected Framewell at ${host} port ${port} but: ${problem}\n`);
  process.exit(problem === undefined ? 0 : 1);
}
