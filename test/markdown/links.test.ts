/** The parts of links, at the edges of a text that strangers have cut. */
import { expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { BareUrlReader } from '../../src/markdown/links.ts';
import { markdown } from '../../src/markdown.ts';
import { base, countTokens, url } from '../support/samples.ts';

test.each([
  ...['www.a.b)\xff', 'www.a.b/\xf0\x9f', 'http://a.b.\xe3\x80', 'http://a\xc3'],
  ...['http://a!\xf0', 'www.\xff'],
])('a bare URL ends within its text, also where a character of UTF-8 is cut: %j', (text) => {
  const end = new BareUrlReader(`x ${text}`).read(2);
  expect(end).toBeGreaterThan(2);
  expect(end).toBeLessThanOrEqual(text.length + 2);
});

test.each([
  ['\u3000', 'an ideographic space'],
  ['\u00a0', 'a no-break space'],
  ['\u2028', 'a line separator'],
  ['\ufeff', 'a byte order mark'],
])('%j ends a bare URL', (space) => {
  const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  expect(new BareUrlReader(bytes(`http://a.b/é.${space}c`)).read(0)).toBe(bytes('http://a.b/é').length);
});

test.each(['http://a_b/', 'www.a_b/(', 'http://a_b.c/.', '_www.'])(
  'a megabyte of %j, where each could be a URL, is read in no time to speak of',
  (unit) => {
    const signer = createSigner(base);
    const body = `![](${url()}) ${unit.repeat(1_000_000 / unit.length)}`;
    expect(countTokens(signer.signData({ body }, { fields: { body: markdown } }).body)).toBe(1);
  },
);

test('so is a line of spaces that is nearly a row of delimiters', () => {
  const body = `![](${url()})\na\n--${' '.repeat(1_000_000)}x`;
  const signed = createSigner(base).signData({ body }, { fields: { body: markdown } });
  expect(countTokens(signed.body)).toBe(1);
});

const old = createSigner({ ...base, now: () => 1_700_000_000_000 }).signImage(url());

test.each([
  ...[`看这里（${old}）。很好看 ok`, `“${old}” she said`, `${old}。写真です`, `See ${old}—it is great`],
  ...[
    `${old}'s cat`,
    `**${old}**bold`,
    `(${old})—and more`,
    `Look: ${old}…and more`,
    `看 ${url()}?v=1，很好看 ok`,
  ],
])('words right behind a bare URL are not taken for a part of its token or query: %#', (body) => {
  expect(createSigner(base).signData({ body }, { fields: { body: markdown } })).toEqual({ body });
});

test.each([
  `看这里（${old} ）。`,
  `**${old}**, bold`,
  `(${old})`,
  `${old}.`,
  `<${old}>。写真`,
  `[a](${old})。写真`,
])('other words about a bare URL, and about links, keep nothing from being signed: %#', (body) => {
  const signer = createSigner(base);
  const signed = signer.signData({ body }, { fields: { body: markdown } });
  expect(signed).toEqual({ body: body.replace(old, signer.signImage(url())) });
});
