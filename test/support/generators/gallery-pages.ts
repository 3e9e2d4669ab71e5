/** What tests and screenshots do with the gallery's pages in a browser. */
import type { BrowserContext, Page } from 'playwright-core';

/** An `<img>`, as far as it is used here: the tests are compiled without the browser's types. */
interface BrowserImage {
  readonly complete: boolean;
  readonly currentSrc: string;
  readonly naturalWidth: number;
  readonly ownerDocument: { readonly defaultView: { scrollTo(options: object): void } };
  checkVisibility(): boolean;
  closest(selector: string): { scrollTo(options: object): void } | null;
  decode(): Promise<void>;
  scrollIntoView(options: object): void;
}

/** Scrolls every lazy image into view, and waits until each can be painted, or has failed. */
export async function loadAllImages(page: Page): Promise<void> {
  await page.locator('img').evaluateAll(async (images: BrowserImage[]) => {
    for (const image of images) {
      image.scrollIntoView({ block: 'center', behavior: 'instant' });
      await image.decode().catch(() => {}); // what has failed is seen by its width
    }
    for (const image of images) image.closest('.story')?.scrollTo({ top: 0, behavior: 'instant' });
    images[0]?.ownerDocument.defaultView.scrollTo({ top: 0, behavior: 'instant' });
  });
}

export interface SeenImage {
  readonly url: string;
  readonly isComplete: boolean;
  readonly naturalWidth: number;
}

/** The visible images that a selector names. */
export function imagesOf(page: Page, selector: string = 'img'): Promise<SeenImage[]> {
  return page.locator(selector).evaluateAll((images: BrowserImage[]) =>
    images
      .filter((image) => image.checkVisibility())
      .map((image) => ({
        url: image.currentSrc,
        isComplete: image.complete,
        naturalWidth: image.naturalWidth,
      })),
  );
}

/** A page in a tab, with all that has gone wrong in it. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts, of the console, and of the site's policy; refused requests with their address. */
  readonly complaints: { readonly text: string; readonly url: string }[];
  /** Every address that the tab has asked for. */
  readonly requested: Set<string>;
  /** Opens a path, and gives the HTML as it came. */
  open(path: string): Promise<string>;
}

export async function newVisit(context: BrowserContext): Promise<Visit> {
  const page = await context.newPage();
  const complaints: Visit['complaints'] = [];
  const requested = new Set<string>();
  page.on('request', (request) => requested.add(request.url()));
  page.on('pageerror', ({ message }) => complaints.push({ text: message, url: page.url() }));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push({ text: message.text(), url: message.location().url });
  });
  return {
    page,
    complaints,
    requested,
    async open(path) {
      const response = await page.goto(path);
      const html = (await response?.text()) ?? '';
      await loadAllImages(page);
      return html;
    },
  };
}

const signedUrl = /(?:https?:\/\/[\w.:-]+)?\/[\w./-]+\?exp=\d+&sig=[0-9a-f]{64}/g;

/** The signed addresses in a page, absolute, each once; in attributes, styles, and JSON. */
export function signedUrlsIn(html: string, address: string): string[] {
  const found = html.replaceAll('&amp;', '&').match(signedUrl) ?? [];
  return [...new Set(found.map((url) => new URL(url, address).href))];
}

export function expiryOf(url: string): number {
  return Number(new URL(url).searchParams.get('exp'));
}

export function withoutToken(url: string): string {
  return url.slice(0, url.indexOf('?'));
}

/** The same token on another size of the same picture. */
export function inOtherVariant(url: string): string {
  const { pathname } = new URL(url);
  const variant = pathname.slice(pathname.lastIndexOf('/') + 1);
  return url.replace(`/${variant}?`, variant === 'card' ? '/hero?' : '/card?');
}

export async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}

/** Which of these addresses do not answer with this status? */
export async function exceptions(urls: readonly string[], status: number): Promise<string[]> {
  const strays: string[] = [];
  for (const url of urls) {
    const got = await statusOf(url);
    if (got !== status) strays.push(`${got} ${url}`);
  }
  return strays;
}
