/** Bodies over fetch in codings that cannot be taken off: they pass as they came, whatever their bytes look like. */
import { brotliCompressSync, constants } from 'node:zlib';
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { base, countTokens, url } from '../support/samples.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
const sign = imageSigner(base as never);

/** That an encoder has something to do, and more than one kind of letter. */
function pageOf(bytes: number): string {
  const lines = Array.from({ length: bytes / 24 }, (_, index) => `<p>${index} ${Math.sin(index)}`);
  return `<img src="${url()}">${lines.join('\n')}`.slice(0, bytes);
}

async function passed(body: Uint8Array, coding: string): Promise<[coding: string | null, body: Buffer]> {
  const response = await sign(
    new Request('https://shop.example/'),
    () => new Response(Buffer.from(body), { headers: { ...html, 'content-encoding': coding } }),
  );
  return [response.headers.get('content-encoding'), Buffer.from(await response.arrayBuffer())];
}

const windows = [16, 18, 20, 22, 24];

test.each([300, 20_000, 100_000, 500_000])('brotli of %i bytes', async (length) => {
  for (const window of windows) {
    for (const quality of [1, 5]) {
      const params = { [constants.BROTLI_PARAM_LGWIN]: window, [constants.BROTLI_PARAM_QUALITY]: quality };
      const body = brotliCompressSync(pageOf(length), { params });
      const [coding, given] = await passed(body, 'br');
      expect([coding, given.equals(body)], `window ${window}, begins ${body[0]}`).toEqual(['br', true]);
    }
  }
});

test('zstd, whose frames begin with a letter', async () => {
  // A frame of RFC 8878, 3.1.1: magic number, header, one block of 16 bytes as they are.
  const body = Buffer.from('28b52ffd2010810000' + Buffer.from('<img src="a.png"').toString('hex'), 'hex');
  expect(await passed(body, 'zstd')).toEqual(['zstd', body]);
});

test.each(['br', 'zstd'])(
  'text that says it is in %s has been decoded on its way, and is signed',
  async (coding) => {
    for (const text of [pageOf(100_000), `<!--\x01-->${pageOf(2_000)}`, `\t\f\v${pageOf(300)}`]) {
      const [left, body] = await passed(Buffer.from(text), coding);
      expect([left, countTokens(body.toString())]).toEqual([null, 1]);
    }
  },
);
