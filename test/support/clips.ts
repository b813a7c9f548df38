import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../../.cache/clips/', import.meta.url));

/**
 * The path of a clip that ffmpeg makes with these arguments (all but the output), made once and kept in .cache.
 * Other arguments give another file. Test files run at the same time as processes of their own, so the file is
 * moved into its place whole.
 */
export async function makeClip(name: string, ffmpegArgs: readonly string[], extension: string): Promise<string> {
  const fingerprint = createHash('sha256').update(ffmpegArgs.join('\0')).digest('hex').slice(0, 12);
  const path = join(CACHE, `${name}-${fingerprint}.${extension}`);
  if (existsSync(path)) return path;
  await mkdir(CACHE, { recursive: true });
  const unfinished = join(CACHE, `${randomUUID()}.${extension}`);
  await promisify(execFile)('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...ffmpegArgs, unfinished]);
  await rename(unfinished, path);
  return path;
}
