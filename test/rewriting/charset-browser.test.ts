/** What Chromium takes a page's character set for, and what the rewriting made of that page. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { charactersOf, encodings } from '../support/east-asian.ts';
import { randomFrom } from '../support/random.ts';
import { accountHash, base, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';
import { shifted, shiftIn, shiftOut } from '../support/shifted-pages.ts';

interface Sent {
  readonly type: string;
  /** A character for each byte. */
  readonly page: string;
}

const sent: Sent[] = [];
/** What Chromium asked the image host for. */
const requested: string[] = [];
const sign = imageSigner({ ...base, accountHash } as ImageSignerOptions);
let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = createServer((request, response) => {
    const address = request.url!.slice(1);
    const respond = (): void => {
      const given = sent[Number.parseInt(address, 10)];
      if (given === undefined) return void response.writeHead(204).end();
      response.setHeader('Content-Type', given.type);
      response.end(Buffer.from(given.page, 'latin1'));
    };
    if (address.endsWith('?unsigned')) respond();
    else sign(request, response, respond);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium();
  page = await browser.newPage();
  await page.route(/^https:/, (route) => {
    requested.push(route.request().url());
    return route.abort();
  });
});
afterAll(async () => {
  await browser?.close();
  server?.close().closeAllConnections();
});

function addressOf(given: Sent): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${sent.push(given) - 1}`;
}

/** The name of the character set, whether a visitor's script has run, and the bytes that went out. */
async function visit(given: Sent): Promise<{ set: string; hasRun: boolean; out: string }> {
  const address = addressOf(given);
  await page.goto(address);
  const [set, hasRun] = await page.evaluate<[string, boolean]>('[document.characterSet, "hit" in window]');
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
  ['preloads', (image: string) => `<link rel=preload as=image href="${image}">`],
  ['Open Graph images', (image: string) => `<meta property=og:image content="${image}">`],
  ['a style sheet', (image: string) => `<style>a{background:url("${image}")}</style>`],
  ['data', (image: string) => `<script type="application/json">["${image}"]</script>`],
])('a meta that tokens of %s push beyond the first 1,024 bytes is found all the same', async (_title, of) => {
  const images = Array.from({ length: 6 }, (_, index) => of(url('card', `${index}`))).join('');
  const head = `<!DOCTYPE html><html><head>${images}`;
  const given = {
    type: 'text/html',
    page: `${head}${' '.repeat(990 - head.length)}<meta charset=windows-1251><title>x</title></head><p>\xe6\xf1`,
  };
  const { set, out } = await visit(given);
  expect(given.page.indexOf('<meta charset')).toBe(990);
  expect(out.indexOf('<meta charset')).toBeGreaterThan(1_024);
  expect([set, countTokens(out)]).toEqual(['windows-1251', 6]);
});

test('a meta that tokens push out of the first 1,024 bytes of a body counts, since Content-Type repeats it', async () => {
  const images = Array.from({ length: 6 }, (_, index) => `<img src="${url('card', `${index}`)}">`).join('');
  const given = {
    type: 'text/html',
    page: `${`<!DOCTYPE html><body>${images}`.padEnd(990)}<meta charset=macintosh><p id=p>\x8e`,
  };
  const { set, out } = await visit(given);
  expect(out.indexOf('<meta charset')).toBeGreaterThan(1_024);
  expect([set, countTokens(out)]).toEqual(['macintosh', 6]);
  expect(await page.textContent('#p')).toBe('é');
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

test.each(encodings)(
  'in %s Chromium asks for the same images, signed unless their URLs are not ASCII',
  async (encoding) => {
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
        await page.goto(address + suffix);
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
  },
);

test('Chromium takes the same two bytes for a character: every first byte, before each symbol', async () => {
  /** Pages in which the URL is signed only if the symbol is the second byte of a character; or only if it is not. */
  const probes: Readonly<Record<string, readonly [ifCharacter: boolean, page: (bytes: string) => string]>> = {
    '\\': [true, (bytes) => `<script type="application/json">["${bytes}","${url()}"]</script>`],
    ']': [false, (bytes) => `<svg><![CDATA[${bytes}]><img src=${url()}>`],
    '[': [true, (bytes) => `<style>a{b:image-set(${bytes} "${url()}")}</style>`],
    '{': [true, (bytes) => `<style>a{b:image-set(${bytes} "${url()}")}</style>`],
    '}': [false, (bytes) => `<style>a{b:image-set({${bytes} "${url()}")}</style>`],
    '^': [false, (bytes) => `<style>a{b:${bytes}url(a" ) url(${url()})}</style>`],
    '`': [false, (bytes) => `<style>a{b:${bytes}url(a" ) url(${url()})}</style>`],
    '|': [false, (bytes) => `<style>a{b:${bytes}url(a" ) url(${url()})}</style>`],
    '~': [false, (bytes) => `<style>a{b:${bytes}url(a" ) url(${url()})}</style>`],
  };
  const symbols = Object.keys(probes);
  const signer = signerWith();
  let characters = 0;
  for (const encoding of encodings) {
    const isCharacter = await page.evaluate<readonly string[]>(`Array.from({ length: 128 }, (_, index) =>
      ${JSON.stringify(symbols)}.filter((symbol) => !new TextDecoder('${encoding}')
        .decode(Uint8Array.of(128 + index, symbol.charCodeAt(0))).endsWith(symbol)).join(''))`);
    for (const [index, taken] of isCharacter.entries()) {
      characters += taken.length;
      const signed = symbols.filter((symbol) => {
        const [ifCharacter, pageOf] = probes[symbol]!;
        const html = `<meta charset=${encoding}>${pageOf(String.fromCharCode(128 + index) + symbol)}`;
        const out = Buffer.from(signer.rewriteHtml(Buffer.from(html, 'latin1'))).toString('latin1');
        return (countTokens(out) === 1) === ifCharacter;
      });
      expect([encoding, 128 + index, signed.join('')]).toEqual([encoding, 128 + index, taken]);
    }
  }
  expect(characters).toBeGreaterThan(3_000);
});
