/**
 * A rewrite never changes the tree, as Chromium builds it: hostile pages before and after, scripts allowed. The script
 * that a stranger has put into URLs must not run, and the browser asks for the same resources. So it is with events whose
 * HTML a script puts into the page.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { siteTargets } from '../../support/generators/hostile-places.ts';
import { sites } from '../../support/generators/hostile-sites.ts';
import { hostileBody, hostilePage, textOf } from '../../support/generators/hostile-urls.ts';
import { sendingBodies } from '../../support/oracles/body-fault.ts';
import { runs, seed } from '../../support/seed.ts';
import { type Site, serve } from '../../support/servers/frameworks.ts';

const pages = runs(0.2);
const streams = runs(0.04);
const bodies = new Map<string, Buffer | string>();
let site: Site;
let browser: Browser;
let page: Page;
let requested: string[] = [];
let ran = 0;

beforeAll(async () => {
  site = await serve((request, response) => {
    const isStream = request.headers.accept === 'text/event-stream';
    response.setHeader('Content-Type', isStream ? 'text/event-stream' : 'text/html; charset=utf-8');
    response.end(bodies.get(request.url ?? '') ?? '');
  });
  browser = await launchChromium();
  page = await browser.newPage();
  page.on('dialog', (dialog) => {
    ran++;
    void dialog.dismiss();
  });
  await page.route('**', (route) => {
    const url = route.request().url();
    const isPage = route.request().isNavigationRequest() && route.request().frame() === page.mainFrame();
    if (isPage || route.request().resourceType() === 'eventsource') return route.continue();
    requested.push(url);
    return route.fulfill({ status: 403, body: '' });
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Runs in the page: what `pageTree` reads by another parser. */
const readTree = `(() => {
  const lines = [];
  const walk = (node, depth) => {
    const isText = node.nodeType === 3 || node.nodeType === 4;
    const isOpaque = ['style', 'script', 'noscript'].includes(node.parentElement?.localName);
    if (node.nodeType === 1) lines.push([depth, node.namespaceURI, node.localName, ...node.getAttributeNames()].join(' '));
    else if (!isText || !isOpaque) lines.push([depth, node.nodeType, node.nodeValue].join(' '));
    if (node.localName === 'template' && node.content) walk(node.content, depth + 1);
    if (node.localName === 'iframe' && node.contentDocument) walk(node.contentDocument, depth + 1);
    for (const child of node.childNodes) walk(child, depth + 1);
  };
  walk(document, 0);
  return lines;
})()`;

interface Seen {
  readonly tree: string[];
  readonly resources: string[];
}

async function visit(path: string): Promise<Seen> {
  requested = [];
  await page.goto(`http://127.0.0.1:${site.port}${path}`, { waitUntil: 'load' });
  const tree = (await page.evaluate(readTree)) as string[];
  return { tree, resources: requested.map(withoutToken).sort() };
}

/** Which picture is asked for, whatever its variant is, and whatever base it is stored under. */
function withoutToken(text: string): string {
  const url = new URL(text);
  const [image] = /\/cheeW4oKsx5ljh8e8BoL2A\/.*/.exec(url.pathname) ?? [url.origin + url.pathname];
  return image.replace(/\/(?:thumb|card|preview)$/, '');
}

test(`${pages} pages that a rewrite changes`, { timeout: 240_000 }, async () => {
  let changed = 0;
  let asked = 0;
  for (let at = seed; changed < pages; at++) {
    const { signer, heads } = sites[at % sites.length]!;
    const hostile = textOf(hostilePage(at, heads).parts);
    const before = Buffer.from(`<!doctype html><body>${hostile}`);
    const after = Buffer.from(signer.rewriteHtml(before, siteTargets));
    if (after.equals(before)) continue;
    changed++;
    bodies.set(`/before/${at}`, before).set(`/after/${at}`, after);
    const plain = await visit(`/before/${at}`);
    const rewritten = await visit(`/after/${at}`);
    expect(rewritten, `page ${at}\n${before}\n${after}`).toEqual(plain);
    expect(ran, `page ${at}`).toBe(0);
    asked += plain.resources.length;
    bodies.clear();
  }
  expect(asked).toBeGreaterThan(0);
});

/** Runs in the page: puts the HTML of each event into the page, and waits until its images have failed, and its frames are there. */
const readStream = `(path) => new Promise((resolve) => {
  const source = new EventSource(path);
  const frames = [];
  source.addEventListener('error', async () => {
    source.close();
    const isOver = (image) => image.complete || new Promise((over) => {
      image.addEventListener('load', over);
      image.addEventListener('error', over);
    });
    await Promise.all(frames);
    await Promise.all([...document.images].map(isOver));
    resolve();
  });
  const put = ({ data }) => {
    if (/^[[{]/.test(data)) return;
    const element = document.body.appendChild(document.createElement('div'));
    element.innerHTML = data;
    for (const frame of element.querySelectorAll('iframe[srcdoc]'))
      frames.push(new Promise((over) => frame.addEventListener('load', over)));
  };
  source.addEventListener('message', put);
  source.addEventListener('a', put);
})`;

async function listenTo(path: string): Promise<string[]> {
  await visit('/');
  await page.evaluate(`(${readStream})(${JSON.stringify(path)})`);
  return (await page.evaluate(readTree)) as string[];
}

test(`${streams} event streams that a rewrite changes`, { timeout: 240_000 }, async () => {
  let changed = 0;
  for (let at = seed; changed < streams; at++) {
    const hostileSite = sites[at % sites.length]!;
    const { form, type, parts } = hostileBody(at, hostileSite.heads);
    const before = textOf(parts);
    if (form !== 'events' || !before.includes('<')) continue;
    const after = sendingBodies(hostileSite)(type, [Buffer.from(before)]);
    if (after === before) continue;
    changed++;
    bodies.set(`/before/${at}`, before).set(`/after/${at}`, after);
    const plain = await listenTo(`/before/${at}`);
    expect(await listenTo(`/after/${at}`), `stream ${at}\n${before}\n${after}`).toEqual(plain);
    expect(ran, `stream ${at}`).toBe(0);
    bodies.clear();
  }
});

test('the browser runs a script that has come free', async () => {
  bodies.set('/free', '<script>alert(1)</script>').set('/events', 'data: <img src=x onerror=alert(1)>\n\n');
  await visit('/free');
  expect(ran).toBe(1);
  await listenTo('/events');
  expect(ran).toBe(2);
});
