/**
 * Caches the edits of attribute values by their source, so that a known value costs one lookup. It holds only edits that are the same
 * for every response within one step of the expiry, never a viewer's.
 *
 * The key is all bytes of the value, its kind and its quotes. `authorize`, a page's own ttl and events forbid caching. So does a URL
 * that stays, may carry a token, or is in a legacy encoding.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { Quote } from '../html/references.ts';
import { QUOTE } from '../text/ascii.ts';
import { type Edit, moveEdit } from '../text/edit.ts';

/** Longer values are not cached: a page full of them could fill the memory. */
const maxLength = 1_024;
/** The edits of a value that together replace more are not cached. */
const maxReplaced = 8 * maxLength;
/** The memory of an entry in V8, without the characters of its texts. */
const entryBytes = 160;
/** A slice of a signed URL keeps the whole URL in memory. */
const keptPerEdit = 200;

export type CachedKind = 'url' | 'srcset';

/** A value that is the same in every response. */
interface CachedValue {
  /** With offsets from the start of the value. */
  readonly edits: readonly Edit[];
  /** How many URLs are in it. */
  readonly urls: number;
}

/** An attribute value in the bytes of a page. */
export interface ValuePlace {
  readonly start: number;
  readonly quote: Quote;
  readonly kind: CachedKind;
  /** The value, with one character per byte; must not be a slice of the page. */
  readonly source: string;
}

/** The edits of a value by its kind and quotes, which decide how a URL is escaped. Most values have one entry. */
type Entry = Readonly<Record<number, CachedValue>>;

export class ValueCache {
  readonly #entries: BoundedCache<Entry>;

  /** @param maxBytes - the approximate limit of the entries' memory */
  constructor(maxBytes: number) {
    this.#entries = new BoundedCache(maxBytes, sizeOf);
  }

  get({ quote, kind, source }: ValuePlace): CachedValue | undefined {
    if (!this.takes(source)) return undefined;
    return this.#entries.get(source)?.[indexOf(kind, quote)];
  }

  /** Whether the value is short enough. */
  takes(source: string): boolean {
    return source.length <= maxLength;
  }

  /** @param edits - in the offsets of the page */
  set({ start, quote, kind, source }: ValuePlace, { edits, urls }: CachedValue): void {
    if (!this.takes(source) || replacedLength(edits) > maxReplaced) return;
    if (/[<>{}]|-$/.test(source)) return; // in a script, they decide: the edits must name their URLs
    const value = { edits: joinEdits(edits, source, start), urls };
    this.#entries.set(source, { ...this.#entries.get(source), [indexOf(kind, quote)]: value });
  }
}

function indexOf(kind: CachedKind, quote: Quote): number {
  const ofQuote = quote === 0 ? 0 : quote === QUOTE ? 2 : 4;
  return kind === 'url' ? ofQuote : ofQuote + 1;
}

function sizeOf(source: string, entry: Entry): number {
  let size = source.length;
  for (const { edits } of Object.values(entry))
    size += entryBytes + replacedLength(edits) + edits.length * keptPerEdit;
  return size;
}

function replacedLength(edits: readonly Edit[]): number {
  let length = 0;
  for (const { text } of edits) length += text.length;
  return length;
}

/**
 * Merges all edits of a value into one, which costs a page less. Only over ASCII: for encodings such as Shift_JIS the scanner reads a
 * copy, whose other bytes differ from the page's. And only within a line: an edit of an event, or of Markdown, must not contain a line
 * end.
 */
function joinEdits(edits: readonly Edit[], source: string, start: number): Edit[] {
  const first = edits[0];
  const last = edits.at(-1);
  if (first === undefined || last === undefined) return [];
  let text = first.text;
  for (let index = 1; index < edits.length; index++) {
    const between = source.slice(edits[index - 1]!.end - start, edits[index]!.start - start);
    if (/[^\t\x20-\x7f]/.test(between)) return edits.map((edit) => moveEdit(edit, -start));
    text += between + edits[index]!.text;
  }
  return [{ start: first.start - start, end: last.end - start, text }];
}
