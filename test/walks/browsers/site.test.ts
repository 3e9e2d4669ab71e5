/** The built docs site in a real browser: every page, wide and light or narrow and dark; the home page; the playground. */
import { readdirSync, statSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { listPages, readPage } from '../../support/package/documents.ts';
import { seed } from '../../support/seed.ts';
import { buildSite, siteFolder } from '../docs/docs-site.ts';
import { accessibilityMistakes, sidewaysOverflow } from './accessibility.ts';
import { type SiteServer, serveSite } from './site-server.ts';

let site: SiteServer;
let browser: Browser;
/** The longest page first, so that no tab begins with it at the end. */
let paths: readonly string[];

beforeAll(async () => {
  const build = await buildSite();
  expect(build.hasFailed, build.output).toBe(false);
  [site, browser] = await Promise.all([serveSite(siteFolder), launchChromium()]);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

interface Visit {
  readonly page: Page;
  readonly complaints: string[];
  readonly requested: string[];
}

async function open(options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ baseURL: site.address, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', ({ message }) => complaints.push(`${page.url()}: ${message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  return { page, complaints, requested };
}

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** One tab waits for the network while the others compute. */
const tabs = 3;

/** Parts that are alike on every page. Only the pages that are checked as a whole check these. */
const alike = ['.VPNav', '.VPSidebar', '.VPFooter', 'pre code'];

function pathsOfSite(): string[] {
  const sizeOf = (path: string): number => statSync(`${siteFolder}${path}.html`).size;
  return readdirSync(siteFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => `/${name.slice(0, -'.html'.length)}`)
    .sort((a, b) => sizeOf(b) - sizeOf(a));
}

const ways = [
  [wide, 'light'],
  [narrow, 'dark'],
] as const;

/** Applies all rules to every page in one of the two ways; the seed decides in which. */
async function look(page: Page, path: string, isWhole: boolean): Promise<string[]> {
  const faults: string[] = [];
  const looked = ways[(seed + paths.indexOf(path)) % 2]!;
  await page.goto(path, { waitUntil: 'networkidle' });
  for (const way of ways) {
    const [viewport, colorScheme] = way;
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    const found = (await sidewaysOverflow(page)) > 0 ? ['it scrolls sideways'] : [];
    if (isWhole || way === looked)
      found.push(...(await accessibilityMistakes(page, undefined, isWhole ? [] : alike)));
    faults.push(...found.map((each) => `${path} at ${viewport.width}, ${colorScheme}: ${each}`));
  }
  return faults;
}

test('every page fits, leaves the console empty, loads nothing from another host and passes axe', async () => {
  paths = pathsOfSite();
  expect(paths.length).toBeGreaterThan(20);
  expect(paths).toContain('/playground');
  const whole = new Set(['/index', '/playground', '/404', paths[0]!]);
  const faults: string[] = [];
  const left = paths.values();
  const visits = await Promise.all(
    Array.from({ length: tabs }, async () => {
      const visit = await open({ viewport: wide, colorScheme: 'light' });
      for (const path of left) faults.push(...(await look(visit.page, path, whole.has(path))));
      return visit;
    }),
  );
  const requested = visits.flatMap((visit) => visit.requested);
  expect(faults).toEqual([]);
  expect(visits.flatMap(({ complaints }) => complaints)).toEqual([]);
  const isOwn = (url: string): boolean => url.startsWith(`${site.address}/`) || url.startsWith('data:');
  expect(requested.filter((url) => !isOwn(url))).toEqual([]);
}, 600_000);

describe('a long line of code', () => {
  /** Of all blocks of the page, also in tabs that are not open: those that do not show it whole. */
  const cutBlocks = `[...document.querySelectorAll('.vp-doc pre')].filter((block) => {
    block.parentElement.style.display = 'block';
    return block.scrollWidth > block.clientWidth;
  }).length`;

  const pages = listPages()
    .filter((page) => longestCodeLine(page) > 85)
    .map((page) => page.slice('docs'.length, -'.md'.length));

  test('is seen whole at 1440 pixels, beside the sidebar and the outline', async () => {
    const { page } = await open({ viewport: wide });
    const cut: string[] = [];
    for (const path of pages) {
      await page.goto(path);
      if ((await page.evaluate<number>(cutBlocks)) > 0) cut.push(path);
    }
    expect(pages.length).toBeGreaterThan(10);
    expect(cut).toEqual([]);
  }, 120_000);

  test('scrolls within its block on a phone', async () => {
    const { page } = await open({ viewport: narrow });
    await page.goto(pages[0]!);
    expect(await page.evaluate(cutBlocks)).toBeGreaterThan(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.vp-doc pre')).overflowX")).toBe(
      'auto',
    );
    expect(await sidewaysOverflow(page)).toBe(0);
  });
});

function longestCodeLine(page: string): number {
  const blocks = Array.from(readPage(page).matchAll(/^```.*?\n(.*?)^```$/gms), ([, code]) => code!);
  return Math.max(0, ...blocks.flatMap((code) => code.split('\n')).map((line) => line.length));
}

describe('the home page', () => {
  const line = { name: 'app.use(imageSigner(options));' };

  test('shows both buttons without scrolling, and the first leads to the first page', async () => {
    const { page } = await open({ viewport: wide });
    await page.goto('/', { waitUntil: 'networkidle' });
    for (const button of await page.locator('.home-button').all()) {
      const { y, height } = (await button.boundingBox())!;
      expect(y + height).toBeLessThan(wide.height);
    }
    await page.locator('.home-button').first().click();
    await page.getByRole('heading', { level: 1, name: 'Your first signed page' }).waitFor();
  });

  test('signs its sample once a visitor has seen it broken, and leaves it signed', async () => {
    const { page } = await open({ viewport: wide, reducedMotion: 'no-preference' });
    await page.goto('/', { waitUntil: 'networkidle' });
    const button = page.getByRole('button', line);
    const caption = page.locator('.signed-page figcaption');
    const isOn = () => button.getAttribute('aria-pressed');
    expect(await isOn()).toBe('false');
    expect(await caption.textContent()).toContain('commented out');
    await expect.poll(isOn, { timeout: 5_000 }).toBe('true');
    expect(await caption.textContent()).toContain('has a signature');
    await button.click();
    await page.mouse.wheel(0, 3_000);
    await page.mouse.wheel(0, -3_000);
    await page.waitForTimeout(2_000);
    expect(await isOn(), 'a click stays as well').toBe('false');
  });

  test('shows its sample signed to those who want less motion', async () => {
    const { page } = await open({ viewport: wide });
    await page.goto('/', { waitUntil: 'networkidle' });
    expect(await page.getByRole('button', line).getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the playground', () => {
  const account = 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A';
  const output = '.playground-output';

  async function play(options: BrowserContextOptions = {}, fragment = ''): Promise<Visit> {
    const visit = await open(options);
    await visit.page.goto(`/playground${fragment}`, { waitUntil: 'networkidle' });
    await visit.page.locator(`${output} mark`).first().waitFor();
    return visit;
  }

  test('rewrites a page while you type, marks URLs by more than a colour, and sends nothing', async () => {
    const { page, complaints, requested } = await play({ viewport: wide });
    const before = requested.length;
    await page.getByLabel('Key', { exact: true }).fill('another key, which stays here');
    await page.getByLabel('HTML as your app writes it').fill('');
    await page.getByLabel('HTML as your app writes it').pressSequentially(`<img src="${account}/1/card">`);
    await page.locator(`${output} mark.signed`).waitFor();
    const region = page.getByRole('region', { name: 'HTML as it is sent' });
    expect(await region.textContent()).toMatch(
      /^<img src="\[signed\] https:\/\/imagedelivery\.net\/cheeW4oKsx5ljh8e8BoL2A\/1\/card\?exp=\d+&amp;sig=[0-9a-f]{64}">$/,
    );
    await page.getByLabel('Variants', { exact: true }).fill('thumb');
    await page.locator(`${output} mark.skipped`).waitFor();
    expect(await page.getByRole('list', { name: 'What happened to every URL' }).textContent()).toMatch(
      /variant.* is not in variants/i,
    );
    await page.getByRole('status').filter({ hasText: 'Image URLs: 1 not signed.' }).waitFor();
    const marks = await page.evaluate(
      "[...document.querySelectorAll('.playground-legend mark')].map((each) => getComputedStyle(each, '::before').content)",
    );
    expect(new Set(marks as string[]).size).toBe(5);
    expect(requested.slice(before)).toEqual([]);
    const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(stored).not.toMatch(/another key|imagedelivery/);
    expect(complaints).toEqual([]);
  });

  test('signs like the package on Node.js, with every scheme', async () => {
    const { rewritePage, signerOf } = await import('../../../docs/.vitepress/theme/playground/engine.ts');
    const { samplesOf, schemeForms, schemeNames } = await import(
      '../../../docs/.vitepress/theme/playground/schemes.ts'
    );
    const { samplePages } = await import('../../../docs/.vitepress/theme/playground/sample-pages.ts');
    const { page } = await play({ viewport: wide });
    for (const name of schemeNames) {
      await page.getByLabel('Scheme').selectOption({ label: schemeForms[name].title });
      const { blocks } = rewritePage(samplePages[name].html, signerOf(name, samplesOf(name)));
      const words = { skipped: 'not signed', unread: 'not read' } as Readonly<Record<string, string>>;
      const expected = blocks
        .flatMap(({ segments }) => segments)
        .map(({ kind, text }) => (kind === undefined ? text : `[${words[kind] ?? kind}] ${text}`))
        .join('');
      await expect.poll(() => page.locator(output).textContent()).toBe(expected);
    }
  });

  test('explains a URL, and links to what the error means', async () => {
    const { page } = await play({ viewport: narrow });
    const findings = page.getByRole('list', { name: 'Findings' });
    expect(await findings.textContent()).toContain('key-with-white-space');
    await page.getByLabel('A URL that does not work').fill(`${account}/1/card?exp=1893456000`);
    const link = findings.getByRole('link', { name: 'missing-signature' });
    await link.click();
    await page.waitForURL(/\/errors(?:\.html)?#missing-signature$/);
    const section = page.locator('#missing-signature');
    await section.waitFor({ state: 'attached' }); // the address changes before the page
    expect(await section.count()).toBe(1);
  });

  test('says which option is wrong', async () => {
    const { page } = await play();
    await page.getByLabel('ttl').fill('1 day');
    const field = page.getByLabel('ttl');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.getAttribute('aria-describedby')).toContain('play-mistake');
    expect(await page.locator('#play-mistake').textContent()).toContain('Nothing is signed.');
    expect(await accessibilityMistakes(page)).toEqual([]);
  });

  test('shares its contents, but never the key', async () => {
    const { page } = await play();
    await page.getByLabel('Key', { exact: true }).fill('a-key-that-must-not-leave');
    await page.getByLabel('HTML as your app writes it').fill(`<p>é</p><img src="${account}/2/thumb">`);
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByLabel('Link', { exact: true }).inputValue();
    const held = Buffer.from(new URL(link).hash.slice('#play='.length), 'base64url').toString();
    expect(held).toContain('/2/thumb');
    expect(held + link).not.toContain('a-key-that');
    expect(await accessibilityMistakes(page)).toEqual([]);

    const other = await play({}, new URL(link).hash);
    await expect
      .poll(() => other.page.getByLabel('HTML as your app writes it').inputValue())
      .toBe(`<p>é</p><img src="${account}/2/thumb">`);
    expect(await other.page.getByLabel('Key', { exact: true }).inputValue()).not.toBe(
      'a-key-that-must-not-leave',
    );
  });

  test('never runs the content of a link', async () => {
    const html = '<img src=x onerror="document.title = \'run\'"><script>document.title = "run"</script>';
    const state = {
      scheme: 'cloudflareImages',
      values: {},
      html: `${html}<img src="${account}/1/thumb">`,
      url: html,
    };
    const fragment = `#play=${Buffer.from(JSON.stringify(state)).toString('base64url')}`;
    const { page } = await play({}, fragment);
    await page.locator(output).filter({ hasText: 'onerror' }).waitFor();
    expect(await page.locator(`${output} :is(img, script)`).count()).toBe(0);
    expect(await page.title()).not.toBe('run');
  });

  test('works with only a keyboard, in reading order', async () => {
    const { page } = await play({ viewport: wide });
    await page.getByLabel('Scheme').focus();
    const names: unknown[] = [];
    for (let presses = 0; presses < 14; presses++) {
      const active = 'document.activeElement';
      names.push(await page.evaluate(`${active}.id || ${active}.textContent.trim().slice(0, 15)`));
      await page.keyboard.press('Tab');
    }
    expect(names).toEqual([
      ...['scheme', 'key', 'variants', 'alwaysPublic', 'accountHash', 'delivery', 'ttl'].map(
        (field) => `play-${field}`,
      ),
      ...['Show keys', 'play-html', '<!doctype html>', 'Copy the result', 'play-url'],
      ...['key-with-white-', 'Make a link'],
    ]);
  });
});
