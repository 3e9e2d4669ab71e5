/**
 * Looks for bases that no page uses: a misspelled `delivery` or `url` reads as a site without images, and nothing is signed. It
 * reads pages as the app writes them, in development alone, and knows only how URLs look.
 */
import { type Report, reportEvent } from '../options/default-report.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import type { Base } from '../url/base.ts';

/** Fewer pages may be those of a site that shows its images elsewhere. */
const minPages = 100;
/** A page may name very many. */
const maxHosts = 64;
const maxReportedHosts = 5;
/** In characters: what is cut between two chunks is read again with the second. */
const overlap = 512;

/** An image of a host that the page names. One without a host is a logo, most likely. */
const imageUrl =
  /<img\s[^>]*?\bsrc\s*=\s*["']?(?:https?:)?\/\/([a-z\d.-]{1,253}(?::\d{1,5})?)(?=[/?#"'\s>])/gi;

/** A base, and what shows that a page uses it. */
interface WatchedBase {
  readonly text: string;
  readonly host: string | undefined;
  readonly pattern: RegExp;
}

export class UnusedBases {
  readonly #report: Report | undefined;
  #bases: readonly WatchedBase[];
  /** How many pages had images. */
  #pages = 0;
  readonly #hosts: Map<string, number> = new Map();
  /** Of bases that pages use: their images are no news. */
  readonly #usedHosts: Set<string | undefined> = new Set();

  constructor(schemes: readonly BoundScheme[], report: Report | undefined) {
    this.#report = report;
    this.#bases = schemes.flatMap(watchedBases);
  }

  /** Whether each base was seen, or has been reported. */
  get isDone(): boolean {
    return this.#bases.length === 0;
  }

  /** The body itself, whose input is read as well. */
  watch(body: BodyTransform): BodyTransform {
    const page = new PageText((text) => this.#read(text));
    const end = (): void => this.#endPage(page.hosts);
    return {
      write(chunk) {
        page.add(latin1(chunk));
        return body.write(chunk);
      },
      end(chunk) {
        if (chunk !== undefined) page.add(latin1(chunk));
        end();
        return body.end(chunk);
      },
    };
  }

  #read(text: string): void {
    this.#bases = this.#bases.filter(({ pattern, host }) => {
      const isUsed = pattern.test(text);
      if (isUsed) this.#usedHosts.add(host);
      return !isUsed;
    });
  }

  #endPage(hosts: ReadonlySet<string>): void {
    if (hosts.size === 0 || this.isDone) return;
    this.#pages++;
    for (const host of hosts)
      if (this.#hosts.has(host) || this.#hosts.size < maxHosts)
        this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
    if (this.#pages < minPages) return;
    const others = [...this.#hosts]
      .filter(([host]) => !this.#usedHosts.has(host))
      .sort(([, a], [, b]) => b - a)
      .slice(0, maxReportedHosts)
      .map(([host]) => host);
    const unused = this.#bases;
    this.#bases = [];
    // Not by a `Reporter`, whose events keep a page out of the cache: this one says nothing about the page.
    for (const { text } of unused)
      reportEvent(this.#report, {
        type: 'passed',
        reason: 'unused-base',
        base: text,
        hosts: others,
      });
  }
}

/** URLs under `from` go out under the first base. */
function watchedBases({ bases, from }: BoundScheme): WatchedBase[] {
  return bases.map((base, index) => ({
    text: base.text,
    host: base.authority,
    pattern: patternOf(index === 0 ? [base, ...from] : [base]),
  }));
}

/** In a string of JSON a slash may be escaped, and in the URL of an image optimizer percent-encoded. */
function patternOf(bases: readonly Base[]): RegExp {
  const sources = bases.map(({ authority = '', path }) =>
    `${authority}${path}`.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '(?:\\\\?/|%2F)'),
  );
  return new RegExp(sources.join('|'), 'i');
}

/** The text of one page, as it comes. */
class PageText {
  readonly hosts: Set<string> = new Set();
  readonly #onText: (text: string) => void;
  #end = '';

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  add(chunk: string): void {
    const text = this.#end + chunk;
    this.#onText(text);
    for (const [, host] of text.matchAll(imageUrl))
      if (this.hosts.size < maxHosts) this.hosts.add(host!.toLowerCase());
    this.#end = text.slice(-overlap);
  }
}

function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
}
