import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { TransitionLog } from './cameras/transition-log.js';
import { ConfigError, type Config } from './config.js';
import type { Clock } from './stream/clock.js';

/** How soon a renewed certificate is taken up. Renewals replace files by links, which watching does not see. */
const LOOK_MS = 30_000;

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * The files that the settings name; undefined where HTTP goes without TLS.
 *
 * @throws ConfigError when they name only one
 */
export function certificateFilesOf({
  tlsCertFile,
  tlsKeyFile,
}: Pick<Config, 'tlsCertFile' | 'tlsKeyFile'>): CertificateFiles | undefined {
  if (tlsCertFile !== undefined && tlsKeyFile !== undefined) return { certFile: tlsCertFile, keyFile: tlsKeyFile };
  if (tlsCertFile === undefined && tlsKeyFile === undefined) return undefined;
  throw new ConfigError(['Expected both TLS_CERT_FILE and TLS_KEY_FILE, or neither']);
}

/** @throws ConfigError when they cannot be read, or do not belong together */
export async function loadCertificate(files: CertificateFiles): Promise<Certificate> {
  try {
    const certificate = await read(files);
    createSecureContext(certificate);
    return certificate;
  } catch (error) {
    const problem = `Expected a certificate and its key in TLS_CERT_FILE and TLS_KEY_FILE but received ${codeOf(error)}`;
    throw new ConfigError([problem]);
  }
}

/** Gives the server every certificate that follows `current`; open connections go on. Returns what ends that. */
export function followCertificate(
  server: Pick<Server, 'setSecureContext'>,
  files: CertificateFiles,
  current: Certificate,
  { log, clock }: { readonly log: TransitionLog; readonly clock: Clock },
): () => void {
  const stop = new AbortController();
  let inUse = current;
  let problem: string | undefined;
  const look = async () => {
    try {
      const found = await read(files);
      if (found.cert !== inUse.cert || found.key !== inUse.key) {
        // Throws when the two do not belong together, as while they are being replaced.
        server.setSecureContext(found);
        inUse = found;
        log.info({}, 'TLS certificate replaced');
      }
      problem = undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code !== problem) log.warn({ code }, 'TLS certificate not replaced; the former one stays');
      problem = code;
    }
  };
  const follow = async () => {
    for (;;) {
      await clock.sleep(LOOK_MS, stop.signal);
      if (stop.signal.aborted) return;
      await look();
    }
  };
  void follow();
  return () => stop.abort();
}

async function read({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key };
}

/** Of the file system or of OpenSSL, whose words may hold what the file has. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'ERR_TLS';
}
