/** What `rewriteHtml` takes; what becomes of a page is told in `rewriting/`. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { cloudflareImages } from '../../src/schemes.ts';
import { accountHash, countTokens, id, key, otherAccount, signerWith, url } from '../support/samples.ts';

const signer = signerWith();
const page = `<img src="${url()}">`;
const signed = page.replace(url(), signer.signImage(url()).replace('&', '&amp;'));

test('text for text, bytes for bytes, of whatever realm', () => {
  expect(signer.rewriteHtml(page)).toBe(signed);
  const bytes: unknown[] = [
    Buffer.from(page),
    new Uint8Array(Buffer.from(page)),
    runInNewContext(`Uint8Array.from(${JSON.stringify([...Buffer.from(page)])})`),
  ];
  for (const each of bytes) {
    expect(Buffer.from(signer.rewriteHtml(each as Uint8Array)).toString()).toBe(signed);
    const rewriter = signer.htmlRewriter();
    const parts = [rewriter.write(each as Uint8Array), rewriter.end()];
    expect(Buffer.concat(parts).toString()).toBe(signed);
  }
});

describe('anything else is told as such', () => {
  test.each<[title: string, html: unknown, got: string]>([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['an object', {}, 'an empty object'],
    ['a list of bytes', [60, 62], 'a list of 2'],
    ['wider numbers', new Uint16Array(2), 'an instance of Uint16Array'],
    ['a buffer without a view', new ArrayBuffer(2), 'an instance of ArrayBuffer'],
  ])('%s', (_title, html, got) => {
    expect(() => signer.rewriteHtml(html as string)).toThrow(
      new TypeError(`rewriteHtml expected a string or a Uint8Array, got ${got}.`),
    );
    expect(() => signer.htmlRewriter().write(html as Uint8Array)).toThrow(
      new TypeError(`write expected a Uint8Array, got ${got}.`),
    );
  });
});

test.each(['\ud83d', '\ude00', '\ud83d\ud83d'])(
  'half a character keeps its place, wherever it stands in a text: %j',
  (half) => {
    const whole =
      `<p>é <img src="${url()}" alt=a><style>p{background:url(${url('card')})}</style>` +
      `<script type="application/json">{"a":"${url()}"}</script><img srcset='${url()} 1x, ${url('card')} 2x'>`;
    for (let at = 0; at <= whole.length; at++) {
      const withHalf = (text: string): string => whole.slice(0, at) + text + whole.slice(at);
      const replacement = '\ufffd'.repeat(half.length); // a whole character in its place, as UTF-8 has it
      const expected = signer.rewriteHtml(withHalf(replacement)).replace(replacement, half);
      expect(signer.rewriteHtml(withHalf(half)), `at ${at}`).toBe(expected);
    }
  },
);

test.each([
  ['5,000 images of usual length are each asked about once', 5_000, '', 5_000],
  ['of 100 images with paths of 16,000 characters it remembers 65', 100, 'x'.repeat(15_960), 135],
])('what authorize has said is remembered within bounds: %s', (_title, images, padding, calls) => {
  let asked = 0;
  const signer = signerWith({ authorize: () => ++asked > 0 });
  const page = Array.from(
    { length: images },
    (_, index) => `<img src="${url('thumb', `${10_000 + index}${padding}`)}">`,
  );
  signer.rewriteHtml([...page, ...page].join(''));
  expect(asked).toBe(calls);
});

test('under two bases authorize is asked about each, and what it says of one does not hold for the other', () => {
  const asked: string[] = [];
  const delivery = ['https://imagedelivery.net', 'https://shop.example/images'];
  const signer = signerWith({
    delivery,
    authorize({ url: bare, base: under }) {
      expect(bare.startsWith(under)).toBe(true);
      asked.push(under);
      return under === delivery[1];
    },
    report: false,
  });
  const images = delivery.map((each) => `${each}/${accountHash}/${id}/thumb`);
  const again = images.map((each) => `${each}?w=1`);
  const rewritten = signer.rewriteHtml([...images, ...again].map((each) => `<img src="${each}">`).join('\n'));
  expect(asked).toEqual(delivery);
  expect(rewritten.split('\n').map(countTokens)).toEqual([0, 1, 0, 1]);
});

const isPublic = { alwaysPublic: true };

test.each([
  [{}, isPublic, url(), url('preview', id, otherAccount)],
  [isPublic, {}, url('preview'), url('thumb', id, otherAccount)],
])('a refused image gets deniedVariant where its own scheme has that as always public: %#', (...given) => {
  const [first, second, ...shown] = given;
  const schemes = [first, second].map((preview, index) =>
    cloudflareImages({
      key,
      accountHash: [accountHash, otherAccount][index]!,
      variants: { thumb: {}, preview },
    }),
  );
  const page = `<img src="${url()}"><img src="${url('thumb', id, otherAccount)}">`;
  const options = { ttl: '1d', authorize: () => false, deniedVariant: 'preview', report: false } as const;
  for (const scheme of [schemes, schemes.toReversed()])
    expect(createSigner({ scheme, ...options }).rewriteHtml(page)).toBe(
      shown.map((each) => `<img src="${each}">`).join(''),
    );
});

test('an option that it does not have is told with the name of the call', () => {
  expect(() => signer.rewriteHtml(page, { tll: '1h' } as object)).toThrow('is not an option of rewriteHtml');
});
