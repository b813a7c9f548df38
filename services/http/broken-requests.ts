import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import type { ErrorCode } from '../errors.js';
import { MOST_HEADER_BYTES, REQUEST_TIMEOUT_MS } from './connection-limits.js';

interface Problem {
  readonly status: number;
  readonly message: string;
}

const NO_REQUEST: Problem = { status: 400, message: 'Expected an HTTP/1.1 request but received what is none' };

/** By the code of Node's error. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    message: `Expected the whole request within ${REQUEST_TIMEOUT_MS / 1000} s`,
  },
  HPE_HEADER_OVERFLOW: { status: 431, message: `Expected headers of at most ${MOST_HEADER_BYTES} bytes` },
};

/** Answers what Node could not read, before there is a request, as routes answer errors; and ends the connection. */
export function answerBrokenRequest({ code }: ConnectionError, connection: Socket): void {
  if (!connection.writable || code === 'ECONNRESET') {
    connection.destroy();
    return;
  }
  const { status, message } = PROBLEMS[code] ?? NO_REQUEST;
  const body = JSON.stringify({ code: 'ERR_BAD_REQUEST' satisfies ErrorCode, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  connection.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  connection.destroy();
}
