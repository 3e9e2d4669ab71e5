/** A tab on a site, and the clock of both, which a scene moves. */
import { readFileSync } from 'node:fs';
import { setTimeout as realTime } from 'node:timers/promises';
import { openSite, type Site, type SiteOptions } from './site.ts';

export interface Tab {
  /** Until the page's `load` event. */
  goTo(url: string): Promise<void>;
  /** The value of an expression; that of a promise is awaited. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** One step back in the history, until the page there is shown. */
  goBack(): Promise<void>;
  hide(): Promise<void>;
  show(): Promise<void>;
  close(): Promise<void>;
}

export interface TestBrowser {
  /**
   * A tab of a session of its own.
   * @param script - runs in each page before all others
   */
  open(script: string): Promise<Tab>;
  close(): Promise<void>;
}

export interface StageOptions extends Omit<SiteOptions, 'now'> {
  /** How many seconds the visitor's clock is ahead of the site's. @default 0 */
  readonly ahead?: number;
  /** The time at which it begins, in milliseconds. @default now */
  readonly begins?: number;
  readonly savesData?: boolean;
  /** Whether time passes by itself: then nothing of the browser is replaced, and waits are waits. */
  readonly isRealTime?: boolean;
}

/** What `in-page.js` has noted. */
interface Notes {
  readonly renewed: readonly unknown[];
  readonly stopped: readonly unknown[];
  readonly writes: readonly { readonly id: string; readonly attribute: string; readonly value: string }[];
  readonly violations: readonly string[];
  readonly errors: readonly string[];
  readonly shift: number;
  readonly painted: readonly string[];
  readonly wasKept: boolean;
}

const inPage = readFileSync(new URL('in-page.js', import.meta.url), 'utf8');
/** More than any scene has, unless timers follow each other without end. */
const maxSteps = 2_000;
/** For a browser on a busy machine, in milliseconds. */
const patience = 30_000;

export class Stage {
  readonly site: Site;
  readonly tab: Tab;
  readonly #options: StageOptions;
  readonly #clock: { now: number };

  private constructor(options: StageOptions, site: Site, tab: Tab, clock: { now: number }) {
    this.#options = options;
    this.site = site;
    this.tab = tab;
    this.#clock = clock;
  }

  static async open(browser: TestBrowser, options: StageOptions): Promise<Stage> {
    const clock = { now: options.begins ?? Date.now() };
    const { isRealTime = false, savesData = false, ahead = 0 } = options;
    const site = await openSite({ ...options, now: isRealTime ? Date.now : () => clock.now });
    const settings = { savesData, ...(isRealTime ? {} : { clock: clock.now + ahead * 1000 }) };
    const tab = await browser.open(`${inPage}\nstartVisit(${JSON.stringify(settings)});`);
    return new Stage(options, site, tab, clock);
  }

  /** Opens a page of the site. */
  async visit(path: string): Promise<void> {
    await this.tab.goTo(this.site.address + path);
    await this.#settle();
  }

  async goBack(): Promise<void> {
    await this.tab.goBack();
    await this.#settle();
  }

  /** Lets time pass, with all that happens in it. */
  async pass(seconds: number): Promise<void> {
    if (this.isRealTime) return realTime(seconds * 1000);
    const end = this.#clock.now + seconds * 1000;
    for (let step = 0; step < maxSteps; step++) {
      await this.#settle();
      const next = await this.#nextTimer();
      if (next === undefined || next > end) {
        await this.#moveTo(end);
        return this.#settle();
      }
      await this.#moveTo(Math.max(next, this.#clock.now));
    }
    throw new Error(`The page has set ${maxSteps} timers in ${seconds} seconds.`);
  }

  /** Time in which nothing runs: the machine is asleep. */
  async sleep(seconds: number): Promise<void> {
    await this.#moveTo(this.#clock.now + seconds * 1000);
    await this.#settle();
  }

  /**
   * Waits until an expression is true.
   * @param seconds - how much of the page's time that may take
   */
  async until(expression: string, seconds = 0): Promise<void> {
    const isTrue = (): Promise<boolean> => this.tab.evaluate<boolean>(`Boolean(${expression})`);
    const end = this.#clock.now + seconds * 1000;
    const begun = performance.now();
    for (let turn = 0; performance.now() - begun < patience; turn++) {
      await this.#settle();
      if (await isTrue()) return;
      const next = turn < 5 || this.isRealTime ? undefined : await this.#nextTimer();
      if (next !== undefined && next <= end) await this.#moveTo(Math.max(next, this.#clock.now));
      else await realTime(50);
    }
    throw new Error(`It does not come true: ${expression}\n${JSON.stringify(await this.notes(), null, 2)}`);
  }

  /** Waits until an image was asked for, and was answered with a status if one is given. */
  async untilAnswered(image: string, status?: number): Promise<void> {
    const begun = performance.now();
    const isAnswered = (): boolean => {
      const answers = this.answersFor(image);
      return status === undefined ? answers.length > 0 : answers.includes(status);
    };
    while (!isAnswered() && performance.now() - begun < patience) await realTime(20);
    if (!isAnswered())
      throw new Error(`${image} was answered with ${this.answersFor(image).join(', ') || 'nothing'}`);
    await this.#settle();
  }

  /** Scrolls to the images, and waits until they show. @param seconds - of the page's time */
  async see(selector = 'img', seconds = 0): Promise<void> {
    await this.tab.evaluate(`visit.scrollTo(${JSON.stringify(selector)})`);
    await this.until(`visit.unseen(${JSON.stringify(selector)}).length === 0`, seconds);
  }

  async notes(): Promise<Notes> {
    return JSON.parse(
      await this.tab.evaluate<string>('JSON.stringify({ ...visit, front: undefined })'),
    ) as Notes;
  }

  get isRealTime(): boolean {
    return this.#options.isRealTime ?? false;
  }

  /** How often the client has asked the page, or the endpoint. */
  get renewals(): number {
    return this.site.requests.filter(({ isRenewal }) => isRenewal).length;
  }

  /** How an image was answered, request by request. */
  answersFor(image: string): number[] {
    return this.site.images.filter((each) => each.image === image).map(({ status }) => status);
  }

  async close(): Promise<void> {
    await this.tab.close();
    await this.site.close();
  }

  async #nextTimer(): Promise<number | undefined> {
    const next = await this.tab.evaluate<number | null>('visit.nextTimer()');
    return next === null ? undefined : next - (this.#options.ahead ?? 0) * 1000;
  }

  async #moveTo(time: number): Promise<void> {
    this.#clock.now = time;
    await this.tab.evaluate(`visit.moveTo(${time + (this.#options.ahead ?? 0) * 1000})`);
  }

  /** Until nothing is on its way: twice in a row, since an answer that has left the site has still to be read. */
  async #settle(): Promise<void> {
    if (this.isRealTime) return;
    for (let quiet = 0; quiet < 2; ) {
      const isIdle = (await this.tab.evaluate<boolean>('visit.isIdle()')) && this.site.isIdle();
      quiet = isIdle ? quiet + 1 : 0;
    }
  }
}
