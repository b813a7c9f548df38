import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import type { Logger } from 'pino';

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

/** @throws Error of the file system */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key };
}

/** Gives the server every certificate that follows `current`; open connections go on. Returns what ends that. */
export function followCertificate(
  server: Pick<Server, 'setSecureContext'>,
  files: CertificateFiles,
  current: Certificate,
  log: Logger,
): () => void {
  let last = current;
  const look = async () => {
    try {
      const read = await readCertificate(files);
      if (read.cert === last.cert && read.key === last.key) return;
      last = read;
      // Throws when the two do not belong together, as while they are being replaced.
      server.setSecureContext(read);
      log.info('TLS certificate replaced');
    } catch (error) {
      log.warn({ code: (error as NodeJS.ErrnoException).code }, 'TLS certificate not replaced; the former one stays');
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}
