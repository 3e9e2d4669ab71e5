/**
 * A visitor of one app: a tab of Chromium, and one without scripts, which shows what came over the wire. A page counts as
 * settled when nothing has been requested for a moment: only then it is known which images are dark.
 */
import type { Browser, BrowserContext, Page, Response } from 'playwright-core';
import type { RunningApp } from './app.ts';
import type { Delivery } from './delivery.ts';

/** In milliseconds: so long nothing may be on its way. */
const quiet = 300;

/** An `<img>`, as far as it is used here: these files are compiled without the browser's types. */
interface BrowserImage {
  readonly complete: boolean;
  readonly currentSrc: string;
  readonly naturalWidth: number;
}

export interface Images {
  readonly shown: readonly string[];
  /** Addresses of those that did not load. */
  readonly dark: readonly string[];
}

interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Runs in the page. A lazy image that is far below stays incomplete. */
const allComplete =
  "Array.from(document.images).every((image) => image.complete || (image.loading === 'lazy' && image.getBoundingClientRect().top > 5000))";

export class Visit {
  readonly #browser: Browser;
  /** Where the app runs. */
  readonly folder: string;
  readonly #origin: string;
  readonly #delivery: Delivery;
  readonly #output: () => string;
  readonly #complaints: string[] = [];
  readonly #statuses = new Map<string, number>();
  #tabs: { readonly scripted: Tab; readonly plain: Tab } | undefined;
  #page: Page | undefined;
  #response: Response | null = null;
  #drawnBefore = 0;
  #refusedBefore = 0;
  readonly #fetched: string[] = [];

  constructor(browser: Browser, app: RunningApp, delivery: Delivery) {
    this.#browser = browser;
    this.folder = app.folder;
    this.#origin = app.origin;
    this.#output = app.output;
    this.#delivery = delivery;
  }

  /** The tab that was opened last; for what this class does not offer. */
  get page(): Page {
    if (this.#page === undefined) throw new Error('Open a page first.');
    return this.#page;
  }

  /** Path and query of each image that the delivery has refused since `open`, `reload` or `forget`. */
  get refused(): readonly string[] {
    return this.#delivery.refused.slice(this.#refusedBefore);
  }

  /** Path and query of each image that the delivery has drawn since then. */
  get drawn(): readonly string[] {
    return this.#delivery.drawn.slice(this.#drawnBefore);
  }

  /** Path and query of what scripts of the page have fetched since then. */
  get fetched(): readonly string[] {
    return this.#fetched;
  }

  /** Errors and warnings of the console, and errors of scripts, since then. Refused images are not among them. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** What the app has printed since its start. */
  get printed(): string {
    return this.#output();
  }

  /** Opens a path as a new document, and waits until it has settled. */
  async open(path: string, { scripts = true }: { readonly scripts?: boolean } = {}): Promise<void> {
    this.#tabs ??= { scripted: await this.#newTab(true), plain: await this.#newTab(false) };
    this.#page = scripts ? this.#tabs.scripted.page : this.#tabs.plain.page;
    this.forget();
    this.#response = await this.page.goto(this.#origin + path);
    await this.settled();
  }

  /** Waits until the app has put `data-hydrated` on `<html>`, and the page has settled after that. */
  async hydrated(): Promise<void> {
    await this.page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    await this.settled();
  }

  /** As the button of a browser does. @returns the status on the wire, such as 304 */
  async reload(): Promise<number> {
    this.forget();
    this.#statuses.clear();
    this.#response = await this.page.reload();
    await this.settled();
    const status = this.#statuses.get(this.page.url());
    if (status === undefined) throw new Error(`${this.page.url()} was not requested`);
    return status;
  }

  /** Clicks what has this text, and waits until the page has settled. */
  async click(text: string): Promise<void> {
    await this.page.getByText(text, { exact: true }).first().click();
    await this.settled();
  }

  /**
   * Clicks a link that the framework follows without a new document.
   * @param heading - the text of the `<h1>` that then appears
   * @throws if the browser loaded a new document
   */
  async follow(link: string, heading: string): Promise<void> {
    this.forget();
    await this.page.evaluate('window.isSameDocument = true');
    await this.page.getByRole('link', { name: link, exact: true }).click();
    await this.page.locator('h1', { hasText: heading }).waitFor();
    await this.settled();
    if ((await this.page.evaluate('window.isSameDocument')) !== true)
      throw new Error(`${link} loaded a new document`);
  }

  /** From here on, images, requests and complaints are counted anew. */
  forget(): void {
    this.#drawnBefore = this.#delivery.drawn.length;
    this.#fetched.length = 0;
    this.#refusedBefore = this.#delivery.refused.length;
    this.#complaints.length = 0;
  }

  async images(): Promise<Images> {
    const all = await this.page.locator('img').evaluateAll((images: BrowserImage[]) =>
      images.map(({ complete, currentSrc, naturalWidth }) => ({
        url: currentSrc,
        isShown: complete && naturalWidth > 0,
      })),
    );
    const urlsOf = (isShown: boolean): string[] =>
      all.filter((each) => each.isShown === isShown).map(({ url }) => url);
    return { shown: urlsOf(true), dark: urlsOf(false) };
  }

  /** A header of the document that was opened last. */
  async header(name: string): Promise<string | null> {
    return (await this.#response?.headerValue(name)) ?? null;
  }

  /** Requests a path of the app beside the browser. */
  fetch(path: string, headers: Readonly<Record<string, string>> = {}): Promise<globalThis.Response> {
    return fetch(this.#origin + path, { headers, redirect: 'manual' });
  }

  /**
   * Sends JSON beside the browser.
   * @returns the JSON of the answer
   * @throws if the app refuses it
   */
  async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const init = {
      method,
      body: JSON.stringify(body),
      headers: { ...headers, 'Content-Type': 'application/json' },
    };
    const response = await fetch(this.#origin + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Waits until nothing is requested any more. */
  async settled(page: Page = this.page): Promise<void> {
    await new Promise<void>((resolve) => {
      let open = 0;
      let timer = setTimeout(finish, quiet);
      const restart = (change: number) => (): void => {
        // What began before this is not counted, so it may end below zero.
        open = Math.max(0, open + change);
        clearTimeout(timer);
        if (open === 0) timer = setTimeout(finish, quiet);
      };
      const begun = restart(1);
      const ended = restart(-1);
      function finish(): void {
        page.off('request', begun).off('requestfinished', ended).off('requestfailed', ended);
        resolve();
      }
      page.on('request', begun).on('requestfinished', ended).on('requestfailed', ended);
    });
    // `waitForFunction` asks again from within the page, where the app's `script-src` may forbid it.
    while (!(await page.evaluate<boolean>(allComplete))) await page.waitForTimeout(50);
  }

  async close(): Promise<void> {
    await this.#tabs?.scripted.context.close();
    await this.#tabs?.plain.context.close();
  }

  async #newTab(javaScriptEnabled: boolean): Promise<Tab> {
    const context = await this.#browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (['error', 'warning'].includes(message.type()) && !isRefusal) this.#complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (/^(?:xhr|fetch)$/.test(request.resourceType())) this.#fetched.push(pathname + search);
    });
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
    await this.#listenToWire(context, page);
    return { context, page };
  }

  /** Chromium shows a page a 304 as the 200 that it has kept; the protocol of its developer tools tells both. */
  async #listenToWire(context: BrowserContext, page: Page): Promise<void> {
    const session = await context.newCDPSession(page);
    const urls = new Map<string, string>();
    session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
    session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) =>
      this.#statuses.set(urls.get(requestId) ?? '', statusCode),
    );
    await session.send('Network.enable');
  }
}
