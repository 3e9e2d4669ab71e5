import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreOf } from '../../src/signer/core.ts';
import { cutAt } from '../support/generators/chunks.ts';
import { signerWith, url } from '../support/samples.ts';
import '../support/seed.ts';

const signer = signerWith({ delivery: ['https://imagedelivery.net', '/cdn-cgi/imagedelivery'] });
const token = signer.signImage(url()).slice(url().length);

/** How often the watch has told of an image. */
function toldOf(chunks: Iterable<Uint8Array>): number {
  let told = 0;
  const watch = coreOf(signer)!.watchText(() => told++);
  for (const chunk of chunks) watch.write(chunk);
  watch.end();
  return told;
}

const bare = [
  url(),
  url().replace('https:', ''),
  url().replaceAll('/', '\\/'),
  `${url()}?width=1`,
  `${url()}#a`,
  url().replace('https://imagedelivery.net', '/cdn-cgi/imagedelivery'),
];
const others = [
  `${url()}${token}`,
  `${url()}${token.replaceAll('&', '&amp;')}`,
  `${url()}${token}`.replaceAll('/', '\\/').replaceAll('&', '\\u0026'),
  url('preview'),
  url('original'),
  'https://imagedelivery.net/',
  'https://imagedelivery.net.example/a/b/thumb',
  url().replace('https:', 'ftp:'),
  url().replace('https://imagedelivery.net', 'https://other.example/cdn-cgi/imagedelivery'),
  'imagedelivery',
];
const around: readonly ((text: string) => string)[] = [
  (text) => `{"a":"${text}","b":1}`,
  (text) => `a{b:url(${text})}`,
  (text) => `a{b:url('${text}')}`,
  (text) => `<svg><image href="${text}"/></svg>`,
  (text) => `<enclosure url='${text}' />`,
  (text) => `see ${text} there`,
  (text) => text,
];

describe('an image', () => {
  test.each(bare)('at %s is told of, wherever it stands, once', (text) => {
    for (const surround of around) expect(toldOf([Buffer.from(surround(text).repeat(3))])).toBe(1);
  });

  test.each(others)('is not what stands at %s', (text) => {
    for (const surround of around) expect(toldOf([Buffer.from(surround(text).repeat(3))])).toBe(0);
  });
});

test('however a text is cut, the answer is the same', () => {
  const piece = fc.oneof(
    fc.constantFrom(...bare, ...others).chain((text) => fc.constantFrom(...around.map((each) => each(text)))),
    fc.nat({ max: 40_000 }).map((length) => '–'.repeat(length)),
  );
  const texts = fc.array(piece, { maxLength: 5 });
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 8 }), (pieces, places) => {
      const bytes = Buffer.from(pieces.join('\n'));
      const expected = pieces.some((each) => toldOf([Buffer.from(each)]) === 1) ? 1 : 0;
      expect(toldOf([bytes])).toBe(expected);
      expect(toldOf(cutAt(places, bytes))).toBe(expected);
    }),
    { numRuns: 300 },
  );
  for (const text of [...bare, ...others]) {
    const single = Array.from(Buffer.from(`${' '.repeat(16_300)}${text}`), (byte) => Uint8Array.of(byte));
    expect(toldOf(single)).toBe(bare.includes(text) ? 1 : 0);
  }
});
