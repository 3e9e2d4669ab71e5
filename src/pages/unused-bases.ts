/**
 * Looks for bases that no page uses: with a misspelled `delivery` or `url`, nothing is signed, as on a site without images. It reads
 * the app's own pages, only in development, and knows only how URLs look.
 */
import { type Report, reportEvent } from '../options/default-report.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import type { Base } from '../url/base.ts';

/** The images may be on other pages: do not report earlier. */
const minPages = 100;
/** A page may name a great many. */
const maxHosts = 64;
const maxReportedHosts = 5;
/** In characters: the end of a chunk is read again with the next one, which may complete a URL. */
const overlap = 512;

/** An image with a host. One without a host is most likely a logo. */
const imageUrl =
  /<img\s[^>]*?\bsrc\s*=\s*["']?(?:https?:)?\/\/([a-z\d.-]{1,253}(?::\d{1,5})?)(?=[/?#"'\s>])/gi;

/** A base, and the pattern that shows that a page uses it. */
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
  /** The hosts of bases that pages use, which are not worth reporting. */
  readonly #usedHosts: Set<string | undefined> = new Set();

  constructor(schemes: readonly BoundScheme[], report: Report | undefined) {
    this.#report = report;
    this.#bases = schemes.flatMap(watchedBases);
  }

  /** Whether all bases were seen or reported. */
  get isDone(): boolean {
    return this.#bases.length === 0;
  }

  /** @returns the same body, with its input watched */
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
    // Not by a `Reporter`, whose events keep a page out of the cache: this event is not about the page.
    for (const { text } of unused)
      reportEvent(this.#report, {
        type: 'passed',
        reason: 'unused-base',
        base: text,
        hosts: others,
      });
  }
}

/** URLs under `from` are sent under the first base. */
function watchedBases({ bases, from }: BoundScheme): WatchedBase[] {
  return bases.map((base, index) => ({
    text: base.text,
    host: base.authority,
    pattern: patternOf(index === 0 ? [base, ...from] : [base]),
  }));
}

/** A slash may be escaped in a JSON string, and percent-encoded in an image optimizer's URL. */
function patternOf(bases: readonly Base[]): RegExp {
  const sources = bases.map(({ authority = '', path }) =>
    `${authority}${path}`.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '(?:\\\\?/|%2F)'),
  );
  return new RegExp(sources.join('|'), 'i');
}

/** The text of one page, chunk by chunk. */
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
