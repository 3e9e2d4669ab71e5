import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { inChunksOf, rewriteInChunks } from '../support/generators/chunks.ts';
import { accountHash, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { shifted, shiftIn, shiftOut } from './shifted-pages.ts';

const image = `<img src="${url()}">`;
const charset = [{ type: 'passed', reason: 'charset' }];

interface Outcome {
  readonly out: Buffer;
  readonly events: readonly ImageSignerEvent[];
}

/** However it is cut, the page is the same; so is what is reported. */
function rewrite(page: string): Outcome {
  const given = Buffer.from(page, 'latin1');
  const run = (rewriteBytes: (signer: ReturnType<typeof signerWith>) => Uint8Array): Outcome => {
    const events: ImageSignerEvent[] = [];
    const signer = signerWith({ accountHash, report: (event) => events.push(event) });
    return { out: Buffer.from(rewriteBytes(signer)), events };
  };
  const whole = run((signer) => signer.rewriteHtml(given));
  for (const size of [1, 2, 3, 7, 64, 1023, 1024, 1025])
    expect(run((signer) => rewriteInChunks(signer.htmlRewriter(), inChunksOf(size, given)))).toEqual(whole);
  expect(withoutTokens(whole.out.toString('latin1'))).toBe(page);
  return whole;
}

function tokensIn(page: string): number {
  return countTokens(rewrite(page).out.toString('latin1'));
}

const utf8 = '<meta charset=utf-8>';
const names: readonly [title: string, meta: string][] = [
  ['a meta', '<meta charset=iso-2022-jp>'],
  ['a meta by its other name', '<META CharSet=" csISO2022JP ">'],
  ['a meta with an http-equiv', `<meta http-equiv="Content-Type" content="text/html; charset=ISO-2022-JP">`],
  ['a meta with the content first', `<meta content="charset = 'iso-2022-jp'" http-equiv=content-type>`],
  ['a meta with a reference in it', '<meta charset="iso-&#50;022-jp">'],
  ['a meta behind a name that nobody knows', '<meta charset=x-nobody><meta charset=iso-2022-jp>'],
  ['a meta behind a name that only begins like one', '<meta charset=utf-16x><meta charset=iso-2022-jp>'],
  ['a meta behind a script', `<!-- ${utf8} --><script>"${utf8}"</script><meta charset=iso-2022-jp>`],
  ['a meta that browsers replace the page for', '<meta charset=iso-2022-kr>'],
];

test.each(names)('from %s on that names an unreadable set the page passes, reported', (_title, meta) => {
  const page = `<title>x</title>${image}${meta}${image}`;
  const { out, events } = rewrite(page);
  expect(out.toString('latin1').endsWith(page.slice(page.lastIndexOf('<meta')))).toBe(true);
  expect(countTokens(out.toString('latin1'))).toBe(1);
  expect(events).toEqual(charset);
});

test.each([
  ['a meta', '<meta charset=utf-8>'],
  ['a meta of a set with two bytes a character', '<meta charset=Shift_JIS>'],
  ['a meta of UTF-16, which browsers take for UTF-8', '<meta charset=utf-16le>'],
  ['a meta behind a name that only begins like one', '<meta charset=hz-gb-2312x><meta charset=utf-8>'],
  ['a meta with an http-equiv', '<meta http-equiv=content-type content="text/html;charset=windows-1252">'],
  ['a meta with its charset', '<meta http-equiv=content-type content="charset=iso-2022-jp" charset=utf-8>'],
  ['a byte order mark', '\xef\xbb\xbf'],
  ['a byte order mark, whatever follows', '\xef\xbb\xbf<meta charset=iso-2022-jp>'],
  ['a meta that ends with the first 1024 bytes', `${' '.repeat(1024 - 20)}<meta charset=utf-8>`],
])('behind %s escapes mean nothing', (_title, head) => {
  expect(tokensIn(`${head}${image}${shiftIn}${image}${shiftOut}${image}`)).toBe(3);
});

test.each([
  ['nothing', ''],
  ['a meta with a name that nobody knows', '<meta charset=x-nobody>'],
  ['a meta with UTF-7, which no browser knows', '<meta charset=utf-7>'],
  ['a meta without the http-equiv that it needs', '<meta content="text/html; charset=utf-8">'],
  ['a meta in a comment', '<!-- <meta charset=utf-8> -->'],
  ['a meta in a title', '<title><meta charset=utf-8></title>'],
  ['a meta in a script', '<script><meta charset=utf-8></script>'],
  ['a meta in a style', '<style><meta charset=utf-8></style>'],
  ['a meta in a noscript, which some browsers read', '<noscript><meta charset=utf-8></noscript>'],
  ['a meta behind an XML declaration', '<?xml version="1.0" encoding="ISO-2022-JP"?><meta charset=utf-8>'],
  ['an end tag', '</meta charset=utf-8>'],
  ['a meta that ends behind the first 1024 bytes', `${' '.repeat(1024 - 19)}<meta charset=utf-8>`],
  ['a meta that a visitor has written in shifted text', `<title>${shifted('<meta/charset=utf-8>')}</title>`],
  ['a meta with an escape in it', `<meta charset=utf-8 title="${shiftIn}">`],
  ['a mark that is not at the start', ' \xef\xbb\xbf'],
])('behind %s the page passes from the first escape on, and it is reported', (_title, head) => {
  const page = `${image}${head}${image}${shiftIn}${image}${shiftOut}${image}`;
  const { out, events } = rewrite(page);
  const stop = page.indexOf('\x1b');
  expect(out.toString('latin1').endsWith(page.slice(stop))).toBe(true);
  expect(countTokens(out.toString('latin1'))).toBe(
    countTokens(signerWith().rewriteHtml(page.slice(0, stop))),
  );
  expect(events).toEqual(charset);
});

test.each(['\x1b', '\x1b\x1b', '\x1b[31m', '$B', '\x1b)B', '\x1b%/'])(
  'an escape that shifts nothing is any other byte: %j',
  (text) => {
    const page = `${image}${text}${image}${text}`;
    const { out, events } = rewrite(page);
    expect(countTokens(out.toString('latin1'))).toBe(2);
    expect(events).toEqual([]);
  },
);

test('text has been decoded, so escapes mean nothing in it', () => {
  const page = `<meta charset=iso-2022-jp>${shiftIn}${image}`;
  expect(countTokens(signerWith().rewriteHtml(page))).toBe(1);
});

test('nothing is held back for it but one escape at the end of a chunk', () => {
  const rewriter = signerWith().htmlRewriter();
  expect(Buffer.from(rewriter.write(Buffer.from('text\x1b'))).toString()).toBe('text');
  expect(Buffer.from(rewriter.write(Buffer.from('[1m'))).toString()).toBe('\x1b[1m');
  expect(Buffer.from(rewriter.write(Buffer.from(`\x1b`))).toString()).toBe('');
  expect(Buffer.from(rewriter.end()).toString()).toBe('\x1b');
});

test('property: any chunking gives the same bytes, and behind the point where the page stops none is changed', () => {
  const pieces = [
    ...[image, image, '\x1b', '$', '(', 'B', shiftIn, '<meta charset=utf-8>'],
    ...['<meta charset=iso-2022-jp>', '<meta charset=x>', '<meta ', 'charset=', '<!--', '-->'],
    ...['<title>', '</title>', '<noscript>', '</noscript>', `<style>a{b:url(${url('card')})}`],
    ...['</style>', `<svg><style>a{b:url(${url('card')})}</style></svg>`],
    ...[`<script type="application/json">["${url('card')}"`, ']</script>', '"', ' ', '>'],
    ...['\xef\xbb\xbf', 'x'.repeat(300)],
  ];
  let stopped = 0;
  const pages = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 24 })
    .map((parts) => parts.join(''));
  const sizes = fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 400 }));
  fc.assert(
    fc.property(pages, sizes, (page, each) => {
      const bytes = Buffer.from(page, 'latin1');
      const events: ImageSignerEvent[] = [];
      const signer = signerWith({ report: (event) => events.push(event) });
      const whole = Buffer.from(signer.rewriteHtml(bytes));
      stopped += events.length;
      for (const size of each) {
        const cut = rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(size, bytes));
        if (!cut.equals(whole)) expect.fail(`chunks of ${size}: ${JSON.stringify(page)}`);
      }
      expect(withoutTokens(whole.toString('latin1'))).toBe(page);
    }),
    { numRuns: runs(4) },
  );
  expect(stopped).toBeGreaterThan(runs(0.3));
});

const bytes = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

test.each<[title: string, filling: string]>([
  ['windows-1252', Buffer.from(Array.from({ length: 128 }, (_, index) => 128 + index)).toString('latin1')],
  ['bytes that are no UTF-8', bytes('c3a1e28228f0288cbcfe80c0af')],
  ['UTF-8 that is cut off', bytes('e282')],
])('%s stays, byte for byte', (_title, filling) => {
  expect(
    tokensIn(`${filling}<img alt="${filling}" src="${url()}" title='${filling}'>${filling}<!--${filling}-->`),
  ).toBe(1);
});

test.each<[title: string, mark: string, page: Buffer]>([
  ['UTF-16, little end first', 'fffe', Buffer.from(image, 'utf16le')],
  ['UTF-16, big end first', 'feff', Buffer.from(image, 'utf16le').swap16()],
  ['bytes that only look like a URL, big end first', 'feff', Buffer.from(image)],
  ['bytes that only look like a URL, little end first', 'fffe', Buffer.from(image)],
  ['UTF-32', '0000feff', Buffer.from(image)],
])('%s passes as it came, by its byte order mark', (_title, mark, page) => {
  expect(tokensIn(bytes(mark) + page.toString('latin1'))).toBe(0);
});

test('a mark of UTF-8 in a text is none of these', () => {
  expect(countTokens(signerWith().rewriteHtml(`\uFEFF${image}`))).toBe(1);
});
