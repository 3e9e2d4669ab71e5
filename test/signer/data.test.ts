/** `signData` and `unsignData`: data that no response carries. */

import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { countTokens, id, instant, otherId, signerWith, url } from '../support/samples.ts';

const signer = signerWith();
const signed = signer.signImage(url());

describe('signData', () => {
  test.each([null, undefined, 1, true, Symbol.iterator, new Date(0), new Map([['image', url()]])])(
    'gives back %s',
    (value) => {
      expect(signer.signData(value)).toBe(value);
      expect(signer.unsignData(value)).toBe(value);
    },
  );

  test('takes a string as well, and gives back the very object in which nothing changes', () => {
    expect(signer.signData(url())).toBe(signed);
    const plain = { title: 'a harbour', list: [{ n: 1 }] };
    expect(signer.signData(plain)).toBe(plain);
  });

  test('the index of an item is no name', () => {
    const html = `<img src="${url()}">`;
    expect(signer.signData([html], { fields: { 0: 'html' } })).toEqual([html]);
  });

  test('JSON within JSON is read to a depth, and stays below it', () => {
    let nested: object = { image: url() };
    for (let depth = 0; depth < 10; depth++) nested = { json: JSON.stringify(nested), image: url() };
    const result = signer.signData(nested, { fields: { json: 'json' } });
    expect(countTokens(JSON.stringify(result))).toBe(9); // of the value, and of eight texts within one another
  });

  test('a string that is too long to read stays, and is reported', () => {
    const events: ImageSignerEvent[] = [];
    const listening = signerWith({ report: (event) => note(events, event) });
    const html = `<img src="${url()}">${' '.repeat(1024 * 1024)}`;
    expect(listening.signData({ html }, { fields: { html: 'html' } })).toEqual({ html });
    expect(events).toEqual([{ type: 'passed', reason: 'too-long' }]);
  });

  test('ttl holds for all URLs, and a page does not make them live longer', () => {
    const [short] = signer.signData([url()], { ttl: '5m' });
    const verification = signer.verifyImage(short!);
    expect(verification).toMatchObject({ ok: true });
    expect((verification as { expiresAt: number }).expiresAt).toBeLessThan(instant / 1000 + 400);
    const page = `<img src="${short!.replace('&', '&amp;')}">`;
    expect(signer.rewriteHtml(page)).toBe(page);
  });
});

describe('signData and authorize', () => {
  const asked: unknown[] = [];
  const events: ImageSignerEvent[] = [];
  const own = signerWith({
    authorize: (image, request) => {
      asked.push([image.id, request]);
      return image.id === id;
    },
    report: (event) => note(events, event),
  });
  const other = url('thumb', otherId);

  test('it is asked once for each image, with what is given as the request', () => {
    const request = { user: 'ada' };
    expect(own.signData([url(), url(), other], { request })).toEqual([signed, signed, other]);
    expect(asked.splice(0)).toEqual([
      [id, request],
      [otherId, request],
    ]);
    own.signData([url()]);
    expect(asked.splice(0)).toEqual([[id, undefined]]);
    expect(events.splice(0)).toEqual([{ type: 'skipped', url: other, reason: 'not-authorized' }]);
  });

  test('a refused image loses its token, and authorize: false asks nobody', () => {
    expect(own.signData([signer.signImage(other)])).toEqual([other]);
    asked.length = 0;
    expect(countTokens(String(own.signData([other], { authorize: false })))).toBe(1);
    expect(asked).toEqual([]);
  });
});

describe('what signData refuses', () => {
  test.each<[options: unknown, message: string]>([
    [null, '`options`: expected { fields, ttl, authorize, request }'],
    ['1h', '`options`: expected { fields, ttl, authorize, request }'],
    [{ expiresAt: 1 }, '`expiresAt`: is not an option of signData'],
    [{ ttl: 'a day' }, '`ttl`: expected seconds'],
    [{ fields: { a: 'text' } }, '`fields`: expected one of'],
    [{ authorize: 0 }, '`authorize`: expected false'],
  ])('the options %s', (options, message) => {
    expect(() => signer.signData([], options as never)).toThrow(message);
  });

  test('a promise, which somebody forgot to await', () => {
    expect(() => signer.signData(Promise.resolve([url()]))).toThrow(
      /^signData expected data, got .*Await it/,
    );
    expect(() => signer.unsignData(Promise.resolve([url()]))).toThrow(/^unsignData expected data/);
  });

  test('a call before there is a key', () => {
    const waiting = createSigner({ key: async () => 'k', ttl: '1d', variants: ['thumb'] });
    expect(() => waiting.signData([])).toThrow(expect.objectContaining({ code: 'KEY_UNAVAILABLE' }));
  });
});

describe('unsignData', () => {
  test('shares what stays', () => {
    const untouched = { title: 'a harbour' };
    const stored = signer.unsignData({ text: `look: ${signed}, she said`, untouched });
    expect(stored).toEqual({ text: `look: ${url()}, she said`, untouched });
    expect(stored.untouched).toBe(untouched);
    expect(signer.unsignData(stored)).toBe(stored);
  });

  test('leaves names as they are', () => {
    const data = { [signed]: signed };
    expect(signer.unsignData(data)).toEqual({ [signed]: url() });
  });

  test('needs no key', () => {
    const waiting = createSigner({ key: async () => 'k', ttl: '1d', variants: ['thumb'] });
    expect(waiting.unsignData([signed])).toEqual([url()]);
  });
});
