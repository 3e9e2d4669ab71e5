/** Chromium asks for exactly the URLs that are signed, whatever the page has made of the names. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSigner, type SignerOptions } from '../../../src/index.ts';
import { googleCdn } from '../../../src/schemes.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { encodeName, mayHaveUrl, namesOfEachCharacter, randomName } from '../../support/generators/names.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { instant } from '../../support/samples.ts';
import { seed } from '../../support/seed.ts';

let browser: Browser;
let server: Server;
let page = '';
const targets: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  server = createServer((req, res) => {
    if (req.url === '/') return res.setHeader('Content-Type', 'text/html; charset=utf-8').end(page);
    targets.push(req.url!);
    return res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
}, 60_000);

afterAll(async () => {
  await browser.close();
  server.close();
  server.closeAllConnections();
});

/** As people write names into pages: only what would not be part of the path is encoded. */
function asWritten(name: string): string {
  const path = name
    .replaceAll('%', '%25')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23')
    .replaceAll('\\', '%5C');
  return path.replace(/ $/, '%20'); // URL parsers drop a space at the end
}

function inAttribute(url: string): string {
  return url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

test('each name is asked for as it was signed', { timeout: 60_000 }, async () => {
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const key = Buffer.alloc(16, 1).toString('base64url');
  const signer = createSigner({
    scheme: googleCdn({ url: `${origin}/private`, keyId: 'k-1', key }),
    ttl: '1h',
    authorize: () => true,
    report: false,
    now: () => instant,
  } as unknown as SignerOptions);
  const random = randomFrom(seed);
  const names = new Set([
    ...namesOfEachCharacter,
    ...Array.from({ length: 200 }, () => randomName(random)).filter(mayHaveUrl),
  ]);
  const images = new Set([...names].flatMap((name) => [asWritten(name), encodeName(name)]));
  page = signer.rewriteHtml(
    `<!doctype html><meta charset="utf-8">${[...images].map((image) => `<img src="${inAttribute(`${origin}/private/${image}`)}">`).join('')}`,
  );
  const tab = await browser.newPage();
  await tab.goto(`${origin}/`, { waitUntil: 'load' });
  const asked = new Set(targets.map((target) => origin + target));
  const signed = new Set([...images].map((image) => signer.signImage(`${origin}/private/${image}`)));
  expect([...signed].filter((url) => !asked.has(url))).toEqual([]);
  expect([...asked].filter((url) => url.includes('/private/') && !signer.verifyImage(url).ok)).toEqual([]);
});
