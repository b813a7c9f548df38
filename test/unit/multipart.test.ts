import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { readParts } from '../../bench/support/multipart.js';

const PICTURES = ['first', '', 'with \r\n\r\n and --frame in it', 'x'.repeat(100_000)];

function part(picture: string): string {
  return `--frame\r\nContent-Type: image/jpeg\r\ncontent-length:${picture.length}\r\n\r\n${picture}\r\n`;
}

/** What is shown of a stream that comes in chunks of so many bytes. */
async function shown(stream: string, chunkBytes: number): Promise<string[]> {
  const pictures: string[] = [];
  const source = new PassThrough();
  readParts(source, (jpeg) => pictures.push(jpeg.toString('latin1')));
  for (let at = 0; at < stream.length; at += chunkBytes) source.write(stream.slice(at, at + chunkBytes), 'latin1');
  source.end();
  await once(source, 'end');
  return pictures;
}

describe('readParts', () => {
  for (const chunkBytes of [1, 7, 1000, Infinity]) {
    it(`shows every part once, in chunks of ${chunkBytes} bytes`, async () => {
      assert.deepEqual(await shown(PICTURES.map(part).join(''), chunkBytes), PICTURES);
    });
  }

  it('shows a part with its last byte, and not before', async () => {
    const source = new PassThrough();
    let count = 0;
    readParts(source, () => count++);
    const whole = part('picture').slice(0, -'\r\n'.length);
    source.write(whole.slice(0, -1));
    await new Promise(setImmediate);
    assert.equal(count, 0);
    source.write(whole.slice(-1));
    await new Promise(setImmediate);
    assert.equal(count, 1);
  });
});
