/** Laws of the rewriter, over documents put together from what browsers find hard. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Signer } from '../../src/index.ts';
import { readPage } from '../support/browser-reading.ts';
import { cutAt, rewriteInChunks } from '../support/chunks.ts';
import { id, otherId, signerWith, url, withoutTokens } from '../support/samples.ts';
import { atLength } from '../support/seed.ts';

const urls = [
  url('thumb'),
  url('card', otherId),
  `${url('thumb')}?a=1`,
  `${url('card')}#top`,
  url('thumb').replace('https:', ''),
  url('thumb').replace('imagedelivery.net', 'ImageDelivery.net'),
  url('preview'),
  url('original'),
  'https://example.com/a.png',
  `${url('thumb')}/`,
  url('thumb', `${id}//x`),
];

const written = fc
  .constantFrom(...urls)
  .chain((text) =>
    fc.constantFrom(
      text,
      text.replaceAll('/', '&#47;'),
      text.replaceAll('/', '&#x2F'),
      text.replaceAll('/', '&sol;'),
      text.replaceAll('/', '\\/'),
      text.replaceAll('&', '&amp;'),
      `${text}?a=1&amp;b=2`,
      `${text}?a=1&copy=2&lt`,
      ` ${text}\n`,
      text.replaceAll('/', '\\2f '),
      `/_next/image?url=${encodeURIComponent(text)}&amp;w=640`,
    ),
  );

const attribute = fc
  .record({
    name: fc.constantFrom(
      ...`src SRC href xlink:href poster data-x data-srcset data-bgset fill to values attributename
    lazy-src srcset style value alt content property srcdoc type = a"b`.split(/\s+/),
    ),
    value: fc.oneof(
      written,
      written.map((text) => `url(${text})`),
      written.map((text) => `a{b:url( '${text}' )`),
      written.map((text) => `${text} 1x, ${text} 2x`),
      written.map((text) => `${text} 1x [a] | ${text}`),
      written.map((text) => `${text}; ${text}`),
      written.map((text) => `--hero: '${text}'`),
      written.map((text) => `<img src='${text}'>`),
      fc.constantFrom('og:image', 'href', 'application/json', '', '>', '<img', '&', '`', '\u0000'),
    ),
    quote: fc.constantFrom('"', "'", ''),
    space: fc.constantFrom('', ' ', '\n', '/'),
  })
  .map(({ name, value, quote, space }) => `${space}${name}=${quote}${value}${quote}`);

const tag = fc
  .record({
    name: fc.constantFrom(
      ...`img a div p b meta link svg math title desc foreignObject style script textarea template
    noscript table iframe xmp image set animate mi annotation-xml IMG x-y`.split(/\s+/),
    ),
    attributes: fc.array(attribute, { maxLength: 3 }),
    end: fc.constantFrom('>', '/>', ' >', '', '">'),
  })
  .map(({ name, attributes, end }) => `<${name} ${attributes.join(' ')}${end}`);

const piece = fc.oneof(
  { weight: 4, arbitrary: tag },
  fc.constantFrom(
    ...[
      ...`</svg> </p> </style> </script> </noscript> </title> </foreignObject> </template/> </scriptx> </`.split(
        ' ',
      ),
      '</textarea >',
    ],
  ),
  fc.constantFrom(
    ...[
      ...'<!-- --> --!> <!--> <![CDATA[ ]]> <?x <!--<script> < & é'.split(' '),
      '<!doctype html>',
      '</ ',
      '\u0000',
    ],
  ),
  written,
  written.map((text) => `"${text}"`),
  written.map((text) => `{"a":"${text}",`),
  written.map((text) => `/* ${text} */ a{b:url(${text})}`),
  written.map((text) => `image-set("${text}" 1x,`),
  written.map((text) => `@import '${text}'; a{--hero: "${text}"}`),
);

const documents = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join('')));
const runs = { numRuns: atLength(4_000) };
const signer = signerWith();
const properties = { customProperties: ['--hero'] };
const rewriterOf = (each: Signer): ReturnType<Signer['htmlRewriter']> => each.htmlRewriter(properties);
const read = (page: string): string[] => readPage(page, properties);

test('any chunking gives the same bytes', () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(), { maxLength: 8 }), (page, places) => {
      const whole = rewriteInChunks(rewriterOf(signer), [page]);
      expect(rewriteInChunks(rewriterOf(signer), cutAt(places, page)).equals(whole)).toBe(true);
      const single = Array.from(page, (byte) => Uint8Array.of(byte));
      expect(rewriteInChunks(rewriterOf(signer), single).equals(whole)).toBe(true);
    }),
    runs,
  );
});

test('nothing to sign, identical bytes', () => {
  const strangers = signerWith({ delivery: 'https://nobody.example' });
  fc.assert(
    fc.property(fc.oneof(documents, fc.uint8Array().map(Buffer.from)), (page) => {
      expect(rewriteInChunks(rewriterOf(strangers), [page]).equals(page)).toBe(true);
    }),
    runs,
  );
});

test('the tokens taken off, the page is back, but where URL had to write something anew', () => {
  fc.assert(
    fc.property(documents, (page) => {
      const out = rewriteInChunks(rewriterOf(signer), [page]);
      const before = read(page.toString());
      const isAsWritten = read(out.toString()).every(
        (value, index) => signer.unsignImage(value) === before[index],
      );
      if (isAsWritten) expect(withoutTokens(out.toString('latin1'))).toBe(page.toString('latin1'));
    }),
    runs,
  );
});

test('rewriting twice at one instant equals once', () => {
  fc.assert(
    fc.property(documents, (page) => {
      const once = rewriteInChunks(rewriterOf(signer), [page]);
      expect(rewriteInChunks(rewriterOf(signer), [once]).equals(once)).toBe(true);
    }),
    runs,
  );
});

test('what a browser reads afterwards verifies, wherever a token was put on', () => {
  fc.assert(
    fc.property(documents, (page) => {
      const out = rewriteInChunks(rewriterOf(signer), [page]);
      if (out.equals(page)) return;
      const before = read(page.toString());
      const after = read(out.toString());
      expect(after.length).toBe(before.length);
      for (const [index, value] of after.entries()) {
        if (value === before[index]) continue;
        expect(signer.verifyImage(value), value).toMatchObject({ ok: true });
      }
    }),
    runs,
  );
});
