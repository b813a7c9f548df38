import { pino, type DestinationStream, type Logger } from 'pino';

/** Nothing logs them on purpose. Signed URLs open pictures to whoever reads them. */
const REDACTED = [
  'req.headers.authorization',
  'req.headers["proxy-authorization"]',
  'req.headers.cookie',
  'req.url',
  'req.query',
  'res.headers["set-cookie"]',
];

/** The log of the process, as JSON for programs. */
export function createLog(level: string, destination: DestinationStream): Logger {
  return pino({ level, redact: REDACTED }, destination);
}

/** Switches it between debug and what it usually is, and says so while everything is written. */
export function toggleDebug(log: Logger, usualLevel: string): void {
  const logLevel = log.level === 'debug' ? usualLevel : 'debug';
  log.level = 'debug';
  log.info({ logLevel }, 'Log level changed');
  log.level = logLevel;
}
