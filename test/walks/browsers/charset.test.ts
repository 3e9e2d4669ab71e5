/** What Chromium takes a page's character set for, and what the rewriting made of that page. */
import { expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { charactersOf, encodings } from '../../rewriting/east-asian.ts';
import { shifted, shiftIn, shiftOut } from '../../rewriting/shifted-pages.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { accountHash, base, countTokens, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { seed } from '../../support/seed.ts';
import { watchPage } from './watched-page.ts';

interface Sent {
  readonly type: string;
  /** A character for each byte. */
  readonly page: string;
}

const sent: Sent[] = [];
const sign = imageSigner({ ...base, accountHash } as ImageSignerOptions);
const site = watchPage((request, response) => {
  const respond = (): void => {
    const given = sent[Number.parseInt(request.url!.slice(1), 10)];
    if (given === undefined) return void response.writeHead(204).end();
    response.setHeader('Content-Type', given.type);
    response.end(Buffer.from(given.page, 'latin1'));
  };
  if (request.url!.endsWith('?unsigned')) respond();
  else sign(request, response, respond);
});
const { requested } = site;

const addressOf = (given: Sent): string => `${site.address}${sent.push(given) - 1}`;

/** The name of the character set, whether a visitor's script has run, and the bytes that went out. */
async function visit(given: Sent): Promise<{ set: string; hasRun: boolean; out: string }> {
  const address = addressOf(given);
  await site.page.goto(address);
  const [set, hasRun] = await site.page.evaluate<[string, boolean]>(
    '[document.characterSet, "hit" in window]',
  );
  const out = Buffer.from(await (await fetch(address)).arrayBuffer()).toString('latin1');
  return { set, hasRun, out };
}

const image = `<img src="${url()}">`;

const types = [
  ...['', '; charset=utf-8', '; charset=iso-2022-jp', '; charset=utf-8; charset=iso-2022-jp'],
  ...['; charset=iso-2022-jp; charset=utf-8', '; charset=; charset=iso-2022-jp'],
  ...['; charset=""; charset=iso-2022-jp', '; charset=x-nobody; charset=iso-2022-jp'],
  ...['; charset="iso-\\2022-jp"', "; charset='iso-2022-jp'", "; charset='utf-8'"],
  ...['; a="; charset=utf-8"; charset=iso-2022-jp', '; charset =utf-8'],
  ...['; charset= iso-2022-jp', '; charset=iso-2022-kr', '; charset=shift_jis'],
];

const heads = [
  ...['<meta charset=utf-8>', '<meta charset=iso-2022-jp>', '<meta charset="iso-&#50;022-jp">'],
  ...['<meta charset=x-nobody>', '<meta charset=hz-gb-2312>', '<meta charset=utf-16>'],
  ...['<meta http-equiv=content-type content="text/html; charset=iso-2022-jp">'],
  ...['<meta http-equiv=content-type content="charset=iso-2022-jp" charset=utf-8>'],
  ...['<meta content="charset=utf-8">', '<title>', '</title>', '<!--', '-->', '--!>'],
  ...['<script>', '</script>', '<style>', '</style>', '<noscript>', '</noscript>'],
  ...['<template>', '</template>', '<textarea>', '</textarea>', '<svg>', '<p>'],
  ...[`<!--${'x'.repeat(1000)}-->`, `<title>${shifted('<meta/charset=utf-8>')}</title>`],
  ...['<?xml version="1.0" encoding="iso-2022-jp"?>', '\xef\xbb\xbf'],
];

test('where Chromium reads the other set, no byte behind the first escape is changed: 250 random pages', async () => {
  const random = randomFrom(seed);
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const seen = new Map<string, number>();
  let signedBehindEscape = 0;
  for (let run = 0; run < 250; run++) {
    const type = random() < 0.5 ? '' : one(types);
    const head = Array.from({ length: Math.floor(random() * 5) }, () => one(heads)).join('');
    const given = { type: `text/html${type}`, page: `${head}${image}${shiftIn}%F${shiftOut}${image}` };
    const { set, out } = await visit(given);
    seen.set(set, (seen.get(set) ?? 0) + 1);
    const rest = given.page.slice(given.page.indexOf('\x1b'));
    const isKept = out.endsWith(rest);
    if (!isKept) signedBehindEscape++;
    if (set === 'ISO-2022-JP' || set === 'replacement')
      expect([JSON.stringify(given), isKept]).toEqual([JSON.stringify(given), true]);
  }
  expect(seen.get('ISO-2022-JP')).toBeGreaterThan(5);
  expect(seen.get('UTF-8')).toBeGreaterThan(5);
  expect(signedBehindEscape).toBeGreaterThan(5);
});

test('four Japanese characters of a visitor bring no script of theirs to run', async () => {
  const opening = shifted('<STYLE>"');
  const value = `url(https://imagedelivery.net/${accountHash}/me/preview?exp&\\22\\3e\\3csvg/onload=hit\\3d 1\\3e&sig)`;
  for (const head of ['<meta charset=iso-2022-jp>', `<!--${'x'.repeat(1100)}--><meta charset=iso-2022-jp>`]) {
    const given = { type: 'text/html', page: `${head}<p>${opening}</p><p title="${value}">text</p>` };
    const { set, hasRun, out } = await visit(given);
    expect([set, hasRun, out]).toEqual(['ISO-2022-JP', false, given.page]);
  }
});

test.each([
  ['preloads', '<head>', (image: string) => `<link rel=preload as=image href="${image}">`],
  ['Open Graph images', '<head>', (image: string) => `<meta property=og:image content="${image}">`],
  ['a style sheet', '<head>', (image: string) => `<style>a{background:url("${image}")}</style>`],
  ['data', '<head>', (image: string) => `<script type="application/json">["${image}"]</script>`],
  // Content-Type repeats what is too late.
  ['a body', '<body>', (image: string) => `<img src="${image}">`],
])('a meta that tokens of %s push beyond 1,024 bytes counts', async (_title, open, of) => {
  const images = Array.from({ length: 6 }, (_, index) => of(url('card', `${index}`))).join('');
  const given = {
    type: 'text/html',
    page: `${`<!DOCTYPE html><html>${open}${images}`.padEnd(990)}<meta charset=macintosh><p id=p>\x8e`,
  };
  const { set, out } = await visit(given);
  expect(given.page.indexOf('<meta charset')).toBe(990);
  expect(out.indexOf('<meta charset')).toBeGreaterThan(1_024);
  expect([set, countTokens(out)]).toEqual(['macintosh', 6]);
  expect(await site.page.textContent('#p')).toBe('é');
});

/** The images of which a page holds the URLs after characters whose second byte is a backslash, by their ids. */
function pageAfter(character: string): string {
  return `<p style="font-family:'${character}';background:url(${url('card', 'attribute')})">x</p>
    <style>.${character},#a{background:url(${url('card', 'name')})}
    #b{background:url(${character})}#c{background:url(${url('card', 'unquoted')})}
    #d{--a:"${character}";background:url("${url('card', 'string')}")}</style>
    <p id=a>x<p id=b>x<p id=c>x<p id=d>x<p id=e>x
    <svg><style><![CDATA[#e{--a:"${character}]>";background:url(${url('card', 'svg')})}]]></style></svg>
    <script type="application/json" id=json>{"name":"${character}","image":"${url('card', 'json')}"}</script>
    <script>new Image().src = JSON.parse(document.getElementById('json').textContent).image</script>
    <img srcset="${url('card', 'srcset')} 1x, /${character} 2x"><img src="${url('card', `beyond-${character}`)}">`;
}

test.each(encodings)('in %s Chromium asks for the same images, signed if ASCII', async (encoding) => {
  const { all, bySymbol, encode } = charactersOf(encoding);
  const character = bySymbol.get('\\')?.[0] ?? all[0]!;
  for (const { charset, head } of [
    { charset: `; charset=${encoding}`, head: '' },
    { charset: '', head: `<meta charset=${encoding}>` },
  ]) {
    const text = head + pageAfter(character);
    const address = addressOf({ type: `text/html${charset}`, page: encode(text).toString('latin1') });
    const visitFor = async (suffix: string, expected: readonly string[]): Promise<void> => {
      requested.length = 0;
      await site.page.goto(address + suffix);
      await expect.poll(() => requested.map(withoutTokens).sort()).toEqual(expected);
    };
    const ascii = ['attribute', 'json', 'name', 'srcset', 'string', 'svg', 'unquoted'];
    const expected = [...ascii, `beyond-${encodeURIComponent(character)}`]
      .map((id) => url('card', id))
      .sort();
    await visitFor('?unsigned', expected);
    await visitFor('', expected);
    const signed = requested.filter((each) => 'expiresAt' in signerWith().verifyImage(each));
    expect(signed.map(withoutTokens).sort()).toEqual(ascii.map((id) => url('card', id)));
  }
});

test('Chromium takes the same two bytes for a character: every first byte, before each symbol', async () => {
  /** Pages in which the URL is signed only if the symbol is the second byte of a character; or only if it is not. */
  const probes: Readonly<Record<string, readonly [ifCharacter: boolean, page: (bytes: string) => string]>> = {
    '\\': [true, (bytes) => `<script type="application/json">["${bytes}","${url()}"]</script>`],
    ']': [false, (bytes) => `<svg><![CDATA[${bytes}]><img src=${url()}>`],
    '[{': [true, (bytes) => `<style>a{b:image-set(${bytes} "${url()}")}</style>`],
    '}': [false, (bytes) => `<style>a{b:image-set({${bytes} "${url()}")}</style>`],
    '^`|~': [false, (bytes) => `<style>a{b:${bytes}url(a" ) url(${url()})}</style>`],
  };
  const symbols = Object.keys(probes).flatMap((keys) => [...keys]);
  const signer = signerWith();
  let characters = 0;
  for (const encoding of encodings) {
    const isCharacter = await site.page.evaluate<readonly string[]>(`Array.from({ length: 128 }, (_, index) =>
      ${JSON.stringify(symbols)}.filter((symbol) => !new TextDecoder('${encoding}')
        .decode(Uint8Array.of(128 + index, symbol.charCodeAt(0))).endsWith(symbol)).join(''))`);
    for (const [index, taken] of isCharacter.entries()) {
      characters += taken.length;
      const signed = symbols.filter((symbol) => {
        const [, [ifCharacter, pageOf]] = Object.entries(probes).find(([keys]) => keys.includes(symbol))!;
        const html = `<meta charset=${encoding}>${pageOf(String.fromCharCode(128 + index) + symbol)}`;
        const out = Buffer.from(signer.rewriteHtml(Buffer.from(html, 'latin1'))).toString('latin1');
        return (countTokens(out) === 1) === ifCharacter;
      });
      expect([encoding, 128 + index, signed.join('')]).toEqual([encoding, 128 + index, taken]);
    }
  }
  expect(characters).toBeGreaterThan(3_000);
});
