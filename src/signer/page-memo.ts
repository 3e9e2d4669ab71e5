/**
 * Whole pages that come again within a step, byte for byte: the guests of a site get the same ones most of the time,
 * and one that is known costs a comparison. It holds only what every response would get.
 */
import { asBuffer } from '../bytes.ts';
import { Memo } from '../memo.ts';
import type { BodyRewriter } from '../rewriting/byte-stream.ts';
import type { ResponseInProgress } from './core.ts';

/** Pages at any time, the longest, and the longest that one may have become: 12 MiB at most. */
const maxPages = 32;
const maxLength = 128 * 1024;
const maxRewritten = 256 * 1024;

interface Page {
  readonly body: Buffer;
  /** Undefined where nothing changes. */
  readonly rewritten: Uint8Array | undefined;
}

export class PageMemo {
  #boundTo = '';
  #pages: Memo<Page> = new Memo(maxPages);
  /** By fingerprint, those that have come once: a page that never comes again is not worth a copy. */
  #seen: Memo<true> = new Memo(16 * maxPages);

  /** @param boundTo - all that decides the tokens: as soon as it changes, nothing is known */
  constructor(boundTo: string) {
    this.#boundTo = boundTo;
  }

  holdsFor(boundTo: string): boolean {
    return this.#boundTo === boundTo;
  }

  /** @param rewrite - makes what goes out, and says whether every other response would get the same */
  get(body: Buffer, rewrite: () => { readonly out: Uint8Array; readonly isRepeatable: boolean }): Uint8Array {
    if (body.length > maxLength) return rewrite().out;
    const name = fingerprint(body);
    const known = this.#pages.get(name);
    if (known?.body.equals(body)) return known.rewritten ?? body;
    const { out, isRepeatable } = rewrite();
    // One that is known stays, should another have its fingerprint: pages that differ in a nonce come all the time.
    if (known !== undefined || !isRepeatable || out.length > maxRewritten) return out;
    if (this.#seen.get(name)) {
      // A copy of what came: its memory is the app's.
      this.#pages.set(name, { body: Buffer.from(body), rewritten: body.equals(out) ? undefined : out });
    } else this.#seen.set(name, true);
    return out;
  }
}

/** Tells most pages apart, by their length and some bytes; one that has another's is compared in full. */
function fingerprint(body: Buffer): string {
  let hash = body.length;
  const step = (body.length >> 6) + 1;
  for (let at = 0; at < body.length; at += step) hash = Math.imul(hash ^ body[at]!, 0x01000193);
  return `${body.length} ${hash}`;
}

/** A page on its way out that may be known, if it comes as a whole. */
export class RememberedPage implements BodyRewriter {
  readonly #memo: PageMemo;
  readonly #response: ResponseInProgress;
  readonly #createRewriter: () => BodyRewriter;
  /** Set as soon as the page is read. */
  #rewriter: BodyRewriter | undefined;

  constructor(memo: PageMemo, response: ResponseInProgress, createRewriter: () => BodyRewriter) {
    this.#memo = memo;
    this.#response = response;
    this.#createRewriter = createRewriter;
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#rewriter ??= this.#createRewriter();
    return this.#rewriter.write(chunk);
  }

  end(last?: Uint8Array): Uint8Array {
    if (this.#rewriter !== undefined || last === undefined || !this.#isRepeatable) return this.#read(last);
    return this.#memo.get(asBuffer(last), () => {
      const out = this.#read(last);
      return { out, isRepeatable: this.#isRepeatable };
    });
  }

  #read(last: Uint8Array | undefined): Uint8Array {
    this.#rewriter ??= this.#createRewriter();
    return this.#rewriter.end(last);
  }

  get #isRepeatable(): boolean {
    const { signer, reporter } = this.#response;
    return signer.isRepeatable && !reporter.hasTold;
  }
}
