/**
 * Texts that an app sends again and again, with what its framework makes of each: the bytes and the entity tag, both before
 * anything is signed. A text that comes again is compared, which takes a tenth of the time that it takes to encode and to hash it.
 */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { asBuffer } from '../text/bytes.ts';
import { hashOf, isTaken, sizeOf } from './page-cache.ts';
import { maxPageLength } from './rules.ts';

/** Makes the entity tag of a body; undefined for none. */
export type CreateTag = (body: Buffer) => string | undefined;

export class SentText {
  readonly text: string;
  readonly bytes: Buffer;
  #createTag: CreateTag | undefined;
  #tag: string | undefined;

  constructor(text: string) {
    this.text = copyOf(text);
    this.bytes = asBuffer(new TextEncoder().encode(text)); // not of the pool, of which it would keep 8 KB in memory
  }

  /** @param createTag - gives the same bytes the same tag */
  tagBy(createTag: CreateTag): string | undefined {
    if (this.#createTag !== createTag) this.#tag = createTag(this.bytes);
    this.#createTag = createTag;
    return this.#tag;
  }
}

export class SentTexts {
  readonly #texts: BoundedCache<SentText>;
  /** The keys of texts that were sent once: many are never sent again, and not worth a copy. */
  readonly #seen: BoundedCache<true> = new BoundedCache(512);

  /** @param maxBytes - of the texts together with their bytes */
  constructor(maxBytes: number) {
    this.#texts = new BoundedCache(maxBytes, (_key, { text, bytes }) => sizeOf(text) + bytes.length);
  }

  /** @returns undefined for a text that has not come before */
  get(text: string): SentText | undefined {
    if (text.length > maxPageLength) return undefined;
    const key = hashOf(text);
    const kept = this.#texts.get(key);
    // On a hash collision the first text stays: texts that differ only in a nonce would otherwise evict each other.
    if (kept !== undefined) return kept.text === text && !isTaken(kept.bytes) ? kept : undefined;
    if (this.#seen.get(key) === undefined) {
      this.#seen.set(key, true);
      return undefined;
    }
    const sent = new SentText(text);
    this.#texts.set(key, sent);
    return sent;
  }
}
