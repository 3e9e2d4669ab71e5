/**
 * Caches the edits of attribute values by their source, so that in a page seen again a value costs one lookup. It holds
 * only edits that are the same for every response within one step of the expiry, never a viewer's.
 *
 * It is a set-associative table: a hash of the bytes chooses a set of four places, and a lookup compares at most four
 * texts. Nothing is moved or deleted by a lookup, so that a site with more images than fit loses some of them, not all.
 */

import type { Quote } from '../html/character-references.ts';
import { hashInScratch, isInScratch } from '../simd/scratch.ts';
import { type Edit, moveEdit } from '../text/edit.ts';

/** Longer values are not cached: a page full of them could fill the memory. */
const maxLength = 1_024;
/** The edits of a value that together replace more are not cached. */
const maxReplaced = 8 * maxLength;

const ways = 4;
const firstSets = 256;
/** The table grows by this factor, up to one place for each `bytesPerPlace` of the budget. */
const growth = 4;
/** An entry takes two or three times as much, so that few sets are full before the budget is used up. */
const bytesPerPlace = 256;
/**
 * A full cache takes one in this many values that it does not have, and any that comes a second time shortly after the
 * first. If more values are in use than fit, most cached ones stay, instead of all being replaced before they are used again;
 * and fewer are copied in vain.
 */
const replacedEvery = 8;
/** How many values "shortly" is: a dozen pages full of images. A power of two. */
const recentlyMissed = 4_096;
/** What an entry takes in V8, without the characters of its texts. */
const entryBytes = 160;
/** A text that is a slice of a signed URL keeps that in memory. */
const keptPerEdit = 200;

export type CachedKind = 'url' | 'srcset';

/** A value that every response gets alike. */
interface CachedValue {
  /** With offsets from the start of the value. */
  readonly edits: readonly Edit[];
  /** How many URLs are in it. */
  readonly urls: number;
}

/** An attribute value in the bytes of a page. */
export interface ValuePlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly quote: Quote;
  readonly kind: CachedKind;
  /** The value, with one character per byte: a string of its own, and not a slice of the page. */
  readonly source: string;
}

interface Entry extends CachedValue {
  readonly source: string;
  /** Kind and quote: both decide how a URL is escaped. */
  readonly tag: number;
  /** In bytes. */
  readonly size: number;
}

export class ValueCache {
  readonly #maxBytes: number;
  readonly #maxSets: number;
  #sets: number = firstSets;
  #places: (Entry | undefined)[] = new Array(firstSets * ways);
  /** Those of the entries, in one piece: each entry lies elsewhere, and memory that was not read lately takes long. */
  #hashes: Int32Array = new Int32Array(firstSets * ways);
  #count = 0;
  #bytes = 0;
  /** By their hashes, values that were not found, and that a full cache did not take. */
  readonly #missed: Int32Array = new Int32Array(recentlyMissed);
  /** Where values make room for others next: by their hashes, which is as good as at random. */
  #hand = 0;
  /** Chooses what is replaced: any order in which pages use their values could defeat a fixed one. */
  #random = 1;

  /** @param maxBytes - about as much memory as the entries may take */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    const sets = maxBytes / bytesPerPlace / ways;
    this.#maxSets = Math.max(firstSets, 2 ** Math.floor(Math.log2(sets)));
  }

  get({ bytes, start, end, quote, kind, source }: ValuePlace): CachedValue | undefined {
    if (!this.takes(source)) return undefined;
    const tag = tagOf(kind, quote);
    const hash = hashOf(bytes, start, end);
    const first = this.#firstPlace(hash);
    for (let place = first; place < first + ways; place++) {
      if (this.#hashes[place] !== hash) continue;
      const entry = this.#places[place];
      if (entry?.tag === tag && entry.source === source) return entry;
    }
    return undefined;
  }

  /** Whether the value is short enough. */
  takes(source: string): boolean {
    return source.length <= maxLength;
  }

  /** @param edits - in the offsets of the page */
  set({ bytes, start, end, quote, kind, source }: ValuePlace, { edits, urls }: CachedValue): void {
    const replaced = replacedLength(edits);
    if (!this.takes(source) || replaced > maxReplaced) return;
    if (this.#count > this.#places.length / 2) this.#grow();
    const hash = hashOf(bytes, start, end);
    // Before anything is made that a full cache would not keep: joined edits hold no more than their texts and the source.
    const place = this.#placeFor(hash, sizeOf(2 * source.length + replaced, edits));
    if (place === undefined) return;
    if (/[<>{}]|-$/.test(source)) return; // in a script, they decide: the edits must name their URLs
    const own = joinEdits(edits, source, start);
    const size = sizeOf(source.length + replacedLength(own), own);
    this.#put(place, { edits: own, urls, source, tag: tagOf(kind, quote), size }, hash);
  }

  #firstPlace(hash: number): number {
    return (hash & (this.#sets - 1)) * ways;
  }

  /** @returns undefined for a value that is not to replace others */
  #placeFor(hash: number, size: number): number | undefined {
    const first = this.#firstPlace(hash);
    let place = first;
    while (place < first + ways && this.#places[place] !== undefined) place++;
    const isSetFull = place === first + ways;
    if (!isSetFull && size <= this.#maxBytes - this.#bytes) return place;
    const random = this.#nextRandom();
    if (!this.#wasMissed(hash) && random >= ways) return undefined;
    return isSetFull ? first + (random & (ways - 1)) : place;
  }

  /** Whether a value with this hash was not found shortly before. */
  #wasMissed(hash: number): boolean {
    const at = hash & (recentlyMissed - 1);
    const isKnown = this.#missed[at] === hash;
    this.#missed[at] = hash;
    return isKnown;
  }

  #put(place: number, entry: Entry, hash: number): void {
    if (entry.size > this.#maxBytes) return;
    this.#clear(place);
    const last = this.#places.length - 1;
    while (this.#bytes + entry.size > this.#maxBytes) this.#clear(this.#hand++ & last);
    this.#count++;
    this.#bytes += entry.size;
    this.#places[place] = entry;
    this.#hashes[place] = hash;
  }

  #clear(place: number): void {
    const entry = this.#places[place];
    if (entry === undefined) return;
    this.#places[place] = undefined;
    this.#count--;
    this.#bytes -= entry.size;
  }

  #grow(): void {
    if (this.#sets >= this.#maxSets) return;
    const [places, hashes] = [this.#places, this.#hashes];
    this.#sets = Math.min(this.#sets * growth, this.#maxSets);
    this.#places = new Array(this.#sets * ways);
    this.#hashes = new Int32Array(this.#sets * ways);
    this.#count = 0;
    this.#bytes = 0;
    for (const [index, entry] of places.entries()) {
      if (entry === undefined) continue;
      const hash = hashes[index]!;
      const place = this.#placeFor(hash, entry.size);
      if (place !== undefined) this.#put(place, entry, hash);
    }
  }

  /** Below `replacedEvery * ways`, by a linear congruential generator. */
  #nextRandom(): number {
    this.#random = (Math.imul(this.#random, 0x19660d) + 0x3c6ef35f) | 0;
    return (this.#random >>> 16) & (replacedEvery * ways - 1);
  }
}

function tagOf(kind: CachedKind, quote: Quote): number {
  return quote * 2 + (kind === 'url' ? 0 : 1);
}

function sizeOf(characters: number, edits: readonly Edit[]): number {
  return entryBytes + characters + edits.length * keptPerEdit;
}

function replacedLength(edits: readonly Edit[]): number {
  let length = 0;
  for (const { text } of edits) length += text.length;
  return length;
}

/**
 * One edit for all of a value's, which costs a page less. Only over ASCII: on a page in an encoding such as Shift_JIS the
 * scanner reads a copy, in which the other bytes are not the page's own.
 */
function joinEdits(edits: readonly Edit[], source: string, start: number): Edit[] {
  const first = edits[0];
  const last = edits.at(-1);
  if (first === undefined || last === undefined) return [];
  let text = first.text;
  for (let index = 1; index < edits.length; index++) {
    const between = source.slice(edits[index - 1]!.end - start, edits[index]!.start - start);
    if (/[^\0-\x7f]/.test(between)) return edits.map((edit) => moveEdit(edit, -start));
    text += between + edits[index]!.text;
  }
  return [{ start: first.start - start, end: last.end - start, text }];
}

/**
 * Of all bytes: values that differ only in a digit would else share a set. Four words at a time, in a hash each, so that none
 * waits for the one before. `src/simd` has the same in WebAssembly.
 */
export function hashOf(bytes: Buffer, start: number, end: number): number {
  if (isInScratch(bytes)) return hashInScratch(start, end);
  let first = end - start;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let at = start;
  for (const last = end - 15; at < last; at += 16) {
    first = mix(first, wordAt(bytes, at));
    second = mix(second, wordAt(bytes, at + 4));
    third = mix(third, wordAt(bytes, at + 8));
    fourth = mix(fourth, wordAt(bytes, at + 12));
  }
  for (const last = end - 3; at < last; at += 4) first = mix(first, wordAt(bytes, at));
  for (; at < end; at++) first = mix(first, bytes[at]!);
  return mix(mix(mix(first, second), third), fourth);
}

function wordAt(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x5bd1e995);
  return product ^ (product >>> 15);
}
