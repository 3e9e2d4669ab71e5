/** What `rewriteHtml` takes; what becomes of a page is told in `rewriting/`. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { signerWith, url } from '../support/samples.ts';

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

test('an option that it does not have is told with the name of the call', () => {
  expect(() => signer.rewriteHtml(page, { tll: '1h' } as object)).toThrow('is not an option of rewriteHtml');
});
