/**
 * Whole pages that come again within a step, byte for byte: the guests of a site get the same ones most of the time,
 * and one that is known costs a comparison. It holds only what every response would get.
 */

import type { BodyTransform } from '../body-transform.ts';
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { asBuffer } from '../bytes.ts';
import type { ResponseInProgress } from './core.ts';

/** Pages at any time, the longest, and the longest that one may have become: 12 MiB at most, of text up to 24. */
const maxPages = 32;
const maxLength = 128 * 1024;
const maxRewrittenLength = 256 * 1024;

/** As bytes, or as the text that a framework takes and gives. */
type Body = Buffer | string;

interface Page<Kind extends Body> {
  readonly body: Kind;
  /** Undefined where nothing changes. */
  readonly rewritten: Kind | undefined;
}

/** What goes out, and whether every other response would get the same. */
interface Rewritten<Kind extends Body> {
  readonly out: Kind;
  readonly isRepeatable: boolean;
}

export class PageCache {
  #boundTo = '';
  readonly #bytes: PagesOfKind<Buffer> = new PagesOfKind();
  readonly #texts: PagesOfKind<string> = new PagesOfKind();

  /** @param boundTo - all that decides the tokens: as soon as it changes, nothing is known */
  constructor(boundTo: string) {
    this.#boundTo = boundTo;
  }

  isBoundTo(boundTo: string): boolean {
    return this.#boundTo === boundTo;
  }

  /** @param isCharsetKnown - the same bytes may be read otherwise under another `Content-Type` */
  get(body: Buffer, isCharsetKnown: boolean, rewrite: () => Rewritten<Buffer>): Buffer {
    return this.#bytes.get(body, isCharsetKnown, rewrite);
  }

  /** Text to text, so that a page that is known costs no encoding either. */
  getText(body: string, isCharsetKnown: boolean, rewrite: () => Rewritten<string>): string {
    return this.#texts.get(body, isCharsetKnown, rewrite);
  }
}

class PagesOfKind<Kind extends Body> {
  readonly #pages: BoundedCache<Page<Kind>> = new BoundedCache(maxPages);
  /** By fingerprint, those that have come once: a page that never comes again is not worth a copy. */
  readonly #seen: BoundedCache<true> = new BoundedCache(16 * maxPages);

  get(body: Kind, isCharsetKnown: boolean, rewrite: () => Rewritten<Kind>): Kind {
    if (body.length > maxLength) return rewrite().out;
    const name = fingerprint(body) + (isCharsetKnown ? '' : ' ?');
    const known = this.#pages.get(name);
    if (known !== undefined && isSame(known.body, body)) return known.rewritten ?? body;
    const { out, isRepeatable } = rewrite();
    // One that is known stays, should another have its fingerprint: pages that differ in a nonce come all the time.
    if (known !== undefined || !isRepeatable || out.length > maxRewrittenLength) return out;
    if (this.#seen.get(name)) {
      // A copy of what came: its memory is the app's.
      const own = (typeof body === 'string' ? copyOf(body) : Buffer.from(body)) as Kind; // of the kind that came
      this.#pages.set(name, { body: own, rewritten: isSame(body, out) ? undefined : out });
    } else this.#seen.set(name, true);
    return out;
  }
}

function isSame(a: Body, b: Body): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : a.equals(b);
}

/** Tells most pages apart, by their length and some of it; one that has another's is compared in full. */
function fingerprint(body: Body): string {
  let hash = body.length;
  const step = (body.length >> 6) + 1;
  for (let at = 0; at < body.length; at += step) {
    const unit = typeof body === 'string' ? body.charCodeAt(at) : body[at]!;
    hash = Math.imul(hash ^ unit, 0x01000193);
  }
  return `${body.length} ${hash}`;
}

/** A page on its way out that may be known, if it comes as a whole. */
export class CachingRewriter implements BodyTransform {
  readonly #memo: PageCache;
  readonly #response: ResponseInProgress;
  readonly #createRewriter: () => BodyTransform;
  readonly #isCharsetKnown: boolean;
  /** Set as soon as the page is read. */
  #rewriter: BodyTransform | undefined;

  /** @param isCharsetKnown - something outside the page says how it is read */
  constructor(
    memo: PageCache,
    response: ResponseInProgress,
    createRewriter: () => BodyTransform,
    isCharsetKnown: boolean,
  ) {
    this.#memo = memo;
    this.#response = response;
    this.#createRewriter = createRewriter;
    this.#isCharsetKnown = isCharsetKnown;
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#rewriter ??= this.#createRewriter();
    return this.#rewriter.write(chunk);
  }

  end(last?: Uint8Array): Uint8Array {
    if (this.#rewriter !== undefined || last === undefined || !this.#isRepeatable) return this.#read(last);
    return this.#memo.get(asBuffer(last), this.#isCharsetKnown, () => {
      const out = asBuffer(this.#read(last));
      return { out, isRepeatable: this.#isRepeatable };
    });
  }

  endText(text: string): string {
    const read = (): string => asBuffer(this.#read(Buffer.from(text))).toString();
    if (this.#rewriter !== undefined || !this.#isRepeatable) return read();
    return this.#memo.getText(text, this.#isCharsetKnown, () => {
      const out = read();
      return { out, isRepeatable: this.#isRepeatable };
    });
  }

  #read(last: Uint8Array | undefined): Uint8Array {
    this.#rewriter ??= this.#createRewriter();
    return this.#rewriter.end(last);
  }

  get #isRepeatable(): boolean {
    const { signer, reporter } = this.#response;
    return signer.isRepeatable && !reporter.hasReported;
  }
}
