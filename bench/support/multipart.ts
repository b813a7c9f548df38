import type { Readable } from 'node:stream';

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Calls `show` for each picture of an endless multipart stream, at the moment that its last byte is there. Every peer's
 * parts say their Content-Length, so boundaries need not be looked for.
 */
export function readParts(stream: Readable, show: (jpeg: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 0;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    // A picture comes in many chunks; they are put together once.
    if (held < wanted) return;
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    for (;;) {
      const headEnd = rest.indexOf(HEAD_END);
      if (headEnd === -1) {
        wanted = rest.length + 1;
        break;
      }
      const begin = headEnd + HEAD_END.length;
      const end = begin + contentLength(rest.subarray(0, headEnd).toString('latin1'));
      if (rest.length < end) {
        wanted = end;
        break;
      }
      show(rest.subarray(begin, end));
      rest = rest.subarray(end);
    }
    chunks = [rest];
    held = rest.length;
  });
}

function contentLength(head: string): number {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`Expected a part with a Content-Length but received ${head}`);
  return Number(length);
}
