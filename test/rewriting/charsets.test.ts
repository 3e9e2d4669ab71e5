/** Pages in character sets of which the engine knows nothing: a browser that does finds the URLs signed, and all else as it was. */
import { describe, expect, test } from 'vitest';
import { readPage } from '../support/browser-reading.ts';
import { inChunksOf, rewriteInChunks } from '../support/chunks.ts';
import { randomFrom } from '../support/random.ts';
import { countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

/** Every character of two bytes in an encoding, by asking the decoder of the platform. */
function charactersOf(encoding: string): Buffer[] {
  const decoder = new TextDecoder(encoding);
  const characters: Buffer[] = [];
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) {
      const bytes = Buffer.from([lead, trail]);
      const text = decoder.decode(bytes);
      if ([...text].length === 1 && text !== '\uFFFD') characters.push(bytes);
    }
  }
  return characters;
}

function pageOf(characters: readonly Buffer[], random: () => number): Buffer {
  const some = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      characters[Math.floor(random() * characters.length)]!.toString('latin1'),
    ).join('');
  return Buffer.from(
    `<title>${some()}</title><p title="${some()}">${some()}<!-- ${some()}<img src="${url()}"> -->` +
      `<img alt=${some()} src="${url()}" title='${some()}'>${some()}<a ${some()}=${some()} href=${url('card')}>${some()}</a>` +
      `<img srcset="${url()} 1x, ${url('card')} 2x" data-x="${some()}"><textarea>${some()}${url()}</textarea>${some()}`,
    'latin1',
  );
}

describe.each(['shift_jis', 'gbk', 'gb18030', 'big5', 'euc-kr', 'euc-jp'])('%s', (encoding) => {
  const characters = charactersOf(encoding);

  test('whatever its characters, four URLs are signed, and every other byte stays', () => {
    expect(characters.length).toBeGreaterThan(4_000);
    const decoder = new TextDecoder(encoding);
    const signer = signerWith();
    const random = randomFrom(seed);
    for (let i = 0; i < atLength(300, 60); i++) {
      const page = pageOf(characters, random);
      const out = rewriteInChunks(signer.htmlRewriter(), [page]);
      expect(withoutTokens(out.toString('latin1'))).toBe(page.toString('latin1'));
      expect(countTokens(out.toString('latin1'))).toBe(4);
      const signed = readPage(decoder.decode(out)).filter(
        (value) => 'expiresAt' in signer.verifyImage(value),
      );
      expect(signed).toHaveLength(4);
      expect(rewriteInChunks(signer.htmlRewriter(), inChunksOf(1 + (i % 5), page)).equals(out)).toBe(true);
    }
  });
});

test.each<[title: string, filling: Buffer]>([
  ['windows-1252', Buffer.from(Array.from({ length: 128 }, (_, index) => 128 + index))],
  ['bytes that are no UTF-8', Buffer.from('c328a0a1e28228f0288cbcfe80c0af', 'hex')],
  ['UTF-8 that is cut off', Buffer.from('€', 'utf8').subarray(0, 2)],
])('%s stays, byte for byte', (_title, filling) => {
  const text = filling.toString('latin1').replace(/[<>"'=&]/g, '');
  const page = Buffer.from(
    `${text}<img alt="${text}" src="${url()}" title='${text}'>${text}<!--${text}-->`,
    'latin1',
  );
  const out = Buffer.from(signerWith().rewriteHtml(page));
  expect(countTokens(out.toString('latin1'))).toBe(1);
  expect(withoutTokens(out.toString('latin1'))).toBe(page.toString('latin1'));
});

test.each<[title: string, page: Buffer]>([
  ['UTF-16, little end first', Buffer.from(`\uFEFF<img src="${url()}">`, 'utf16le')],
  ['UTF-16, big end first', Buffer.from(`\uFEFF<img src="${url()}">`, 'utf16le').swap16()],
  ['bytes that only look like a URL, big end first', Buffer.from(`\xfe\xff<img src="${url()}">`, 'latin1')],
  [
    'bytes that only look like a URL, little end first',
    Buffer.from(`\xff\xfe<img src="${url()}">`, 'latin1'),
  ],
  ['UTF-32', Buffer.concat([Buffer.from([0, 0, 0xfe, 0xff]), Buffer.from(`<img src="${url()}">`)])],
])('%s passes as it came, by its byte order mark', (_title, page) => {
  expect(Buffer.from(signerWith().rewriteHtml(page)).equals(page)).toBe(true);
  expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, page)).equals(page)).toBe(true);
});

test('a mark of UTF-8 is none of these', () => {
  expect(countTokens(signerWith().rewriteHtml(`\uFEFF<img src="${url()}">`))).toBe(1);
});

test('a page without an image of ours stays as it is, whatever stands between its marks', () => {
  const random = randomFrom(seed);
  const marks = [
    ...['<', '>', '"', "'", '=', '&', '/', '<!--', '-->', '<img src=', '<style>', 'url(', '</'],
    ...[' ', '\\'],
  ];
  const some = (from: number, to: number): number => from + Math.floor(random() * (to - from));
  for (let run = 0; run < 400; run++) {
    const page = Buffer.concat(
      Array.from(
        { length: 80 },
        () =>
          random() < 0.4
            ? Buffer.from(marks[some(0, marks.length)]!)
            : Buffer.of(some(0x80, 0x100), some(0x30, 0x100)), // every trail byte of GB18030 and Shift_JIS
      ),
    );
    const out = rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1 + (run % 7), page));
    expect(out.equals(page)).toBe(true);
  }
});
