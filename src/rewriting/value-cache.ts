/**
 * Caches the edits of attribute values by their source, so that in a page seen again a value costs one lookup. It holds
 * only edits that are the same for every response within one step of the expiry, never a viewer's.
 */
import { QUOTE } from '../ascii.ts';
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { type Edit, moveEdit } from '../edit.ts';
import type { Quote } from '../html/character-references.ts';

/** The limit for values of one kind with the same quotes. */
const maxValues = 2_048;
/** Longer values, and those with more edits, are not cached: a page full of them could fill the memory. */
const maxLength = 1_024;
const maxEdits = 8;

export type CachedKind = 'url' | 'srcset';

/** A value that every response gets alike. */
export interface CachedValue {
  /** With offsets from the start of the value. */
  readonly edits: readonly Edit[];
  /** How many URLs are in it. */
  readonly urls: number;
}

export class ValueCache {
  readonly #caches: readonly BoundedCache<CachedValue>[] = Array.from(
    { length: 6 },
    () => new BoundedCache(maxValues),
  );

  get(kind: CachedKind, quote: Quote, source: string): CachedValue | undefined {
    return source.length > maxLength ? undefined : this.#cacheOf(kind, quote).get(source);
  }

  /** @param start - where the value begins, in the offsets of the edits */
  set(kind: CachedKind, quote: Quote, source: string, { edits, urls }: CachedValue, start: number): void {
    if (source.length > maxLength || edits.length > maxEdits) return;
    const own = edits.map((edit) => moveEdit({ ...edit, text: copyOf(edit.text) }, -start));
    this.#cacheOf(kind, quote).set(source, { edits: own, urls });
  }

  /** One cache for each kind and quote, since both decide how a URL is escaped. */
  #cacheOf(kind: CachedKind, quote: Quote): BoundedCache<CachedValue> {
    const row = kind === 'url' ? 0 : 3;
    return this.#caches[row + (quote === 0 ? 0 : quote === QUOTE ? 1 : 2)]!;
  }
}
