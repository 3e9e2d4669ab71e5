/** What Chromium takes a page's character set for, and what the rewriting made of that page. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { randomFrom } from '../support/random.ts';
import { accountHash, base, url } from '../support/samples.ts';
import { seed } from '../support/seed.ts';
import { shifted, shiftIn, shiftOut } from '../support/shifted-pages.ts';

interface Sent {
  readonly type: string;
  readonly page: string;
}

const sent: Sent[] = [];
const sign = imageSigner({ ...base, accountHash } as ImageSignerOptions);
let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = createServer((request, response) =>
    sign(request, response, () => {
      const given = sent[Number(request.url!.slice(1))];
      if (given === undefined) return void response.writeHead(204).end();
      response.setHeader('Content-Type', given.type);
      response.end(Buffer.from(given.page, 'latin1'));
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium();
  page = await browser.newPage();
  await page.route('https://**', (route) => route.abort());
});
afterAll(async () => {
  await browser?.close();
  server?.close().closeAllConnections();
});

/** The name of the character set, whether a visitor's script has run, and the bytes that went out. */
async function visit(given: Sent): Promise<{ set: string; hasRun: boolean; out: string }> {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${sent.push(given) - 1}`;
  await page.goto(address);
  const [set, hasRun] = await page.evaluate<[string, boolean]>('[document.characterSet, "hit" in window]');
  const out = Buffer.from(await (await fetch(address)).arrayBuffer()).toString('latin1');
  return { set, hasRun, out };
}

const image = `<img src="${url()}">`;

const types = [
  '',
  '; charset=utf-8',
  '; charset=iso-2022-jp',
  '; charset=utf-8; charset=iso-2022-jp',
  '; charset=iso-2022-jp; charset=utf-8',
  '; charset=; charset=iso-2022-jp',
  '; charset=""; charset=iso-2022-jp',
  '; charset=x-nobody; charset=iso-2022-jp',
  '; charset="iso-\\2022-jp"',
  "; charset='iso-2022-jp'",
  "; charset='utf-8'",
  '; a="; charset=utf-8"; charset=iso-2022-jp',
  '; charset =utf-8',
  '; charset= iso-2022-jp',
  '; charset=iso-2022-kr',
  '; charset=shift_jis',
];

const heads = [
  '<meta charset=utf-8>',
  '<meta charset=iso-2022-jp>',
  '<meta charset="iso-&#50;022-jp">',
  '<meta charset=x-nobody>',
  '<meta charset=hz-gb-2312>',
  '<meta charset=utf-16>',
  '<meta http-equiv=content-type content="text/html; charset=iso-2022-jp">',
  '<meta http-equiv=content-type content="charset=iso-2022-jp" charset=utf-8>',
  '<meta content="charset=utf-8">',
  '<title>',
  '</title>',
  '<!--',
  '-->',
  '--!>',
  '<script>',
  '</script>',
  '<style>',
  '</style>',
  '<noscript>',
  '</noscript>',
  '<template>',
  '</template>',
  '<textarea>',
  '</textarea>',
  '<svg>',
  '<p>',
  `<!--${'x'.repeat(1000)}-->`,
  `<title>${shifted('<meta/charset=utf-8>')}</title>`,
  '<?xml version="1.0" encoding="iso-2022-jp"?>',
  '\xef\xbb\xbf',
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
