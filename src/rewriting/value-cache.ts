/**
 * What whole values of attributes become, by the bytes that the author wrote: in a page that is seen again each costs
 * one look-up, whatever it takes to read. It holds only what every response would get within one step.
 */
import { QUOTE } from '../ascii.ts';
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { type Edit, moveEdit } from '../edit.ts';
import type { Quote } from '../html/character-references.ts';

/** Values of one kind, in one sort of quotes. */
const maxValues = 2_048;
/** Longer values, and those that hold more, are read each time, so that a page full of them cannot fill the memory. */
const maxLength = 1_024;
const maxEdits = 8;

export type CachedKind = 'url' | 'srcset';

export class ValueCache {
  readonly #memos: readonly BoundedCache<readonly Edit[]>[] = Array.from(
    { length: 6 },
    () => new BoundedCache(maxValues),
  );

  /** @returns the edits of a value that begins at 0 */
  get(kind: CachedKind, quote: Quote, source: string): readonly Edit[] | undefined {
    return source.length > maxLength ? undefined : this.#memo(kind, quote).get(source);
  }

  /** @param start - where the value began that the edits are of */
  set(kind: CachedKind, quote: Quote, source: string, edits: readonly Edit[], start: number): void {
    if (source.length > maxLength || edits.length > maxEdits) return;
    const own = edits.map((edit) => moveEdit({ ...edit, text: copyOf(edit.text) }, -start));
    this.#memo(kind, quote).set(source, own);
  }

  /** What is written back depends on the quotes. */
  #memo(kind: CachedKind, quote: Quote): BoundedCache<readonly Edit[]> {
    const row = kind === 'url' ? 0 : 3;
    return this.#memos[row + (quote === 0 ? 0 : quote === QUOTE ? 1 : 2)]!;
  }
}
