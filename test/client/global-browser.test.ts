/** The built script in Chromium, wherever a page puts it: it starts itself, and leaves nothing behind. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signingEndpoint } from '../../src/index.ts';
import { builtFolder } from '../support/built-package.ts';
import { launchChromium } from '../support/chromium.ts';
import { endpointOptions } from '../support/endpoint.ts';
import { signerWith, url } from '../support/samples.ts';

const now = Date.now;
const signer = signerWith({ now });
const ended = signerWith({ now: () => now() - 7 * 86_400_000 }).signImage(url());
const script = readFileSync(join(builtFolder, 'client.global.js'));
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';
/** Of a page that allows no more than it needs. */
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self' http://localhost:*; img-src https://imagedelivery.net data:";

let tag = '';
let complaints: string[] = [];
let server: Server;
let port: number;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  const origins = `http://127.0.0.1:${port}`;
  const sign = signingEndpoint(endpointOptions({ now, path: '/sign', origins }));
  server.on('request', (request, response) =>
    sign(request, response, () => {
      if (request.url === '/client.global.js')
        return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
      response.end(`<!doctype html><head><link rel="icon" href="data:,">${tag}<body><img src="${ended}">`);
    }),
  );
  browser = await launchChromium();
});
beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.route(/^https:/, (route) =>
    signer.verifyImage(route.request().url()).ok
      ? route.fulfill({ contentType: 'image/svg+xml', body: picture })
      : route.fulfill({ status: 403 }),
  );
  return () => page.close();
});
afterAll(async () => {
  await browser?.close();
  server?.close().closeAllConnections();
});

async function openWith(attributes: string | undefined): Promise<string[]> {
  tag = attributes === undefined ? '' : `<script ${attributes} src="/client.global.js"></script>`;
  await page.goto(`http://127.0.0.1:${port}/`);
  return page.evaluate('Object.getOwnPropertyNames(window)');
}

async function expectRenewed(): Promise<void> {
  await expect.poll(() => page.evaluate('document.images[0].naturalWidth')).toBe(1);
  const renewed = await page.evaluate<string>('document.images[0].src');
  expect(signer.verifyImage(renewed)).toMatchObject({ ok: true });
  expect(complaints.filter((text) => !text.includes('status of 403'))).toEqual([]);
}

test.each(['', 'defer', 'async', 'defer data-margin=20'])(
  'a script with the attributes %j brings back an image whose token has ended, and leaves nothing on window',
  async (attributes) => {
    const names = await openWith(undefined);
    expect(await openWith(`${attributes} data-endpoint="/sign"`)).toEqual(names);
    await expectRenewed();
    expect(await page.evaluate('Object.getOwnPropertyNames(window)')).toEqual(names);
  },
);

test('an endpoint of another site does as well', async () => {
  await openWith(`data-endpoint="http://localhost:${port}/sign"`);
  await expectRenewed();
});
