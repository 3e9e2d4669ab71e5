/**
 * Which elements may be open around an `svg` or `math`? It counts start tags minus end tags by a hash of the name's
 * first letter, last letter and length, since it runs at every tag of a page. It may wrongly say that an element is
 * open (hash collisions, omitted end tags).
 *
 * A page that is streamed may wait for its next chunk for long. If another one is read meanwhile, that gets the table, and
 * only the counts above zero are kept here: some twenty of a usual page.
 */
const slots = 2048;
/** Of more counts than these a list would take as much as the table. */
const maxListed = 128;

/** A table of zeros that is not in use. */
let spare: Buffer | undefined;
/** The last object that came to rest; it may still have its table. */
let resting: OpenTagCounts | undefined;

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

/** The factors give different slots to element names of HTML that differ in one of the three. */
function slotOf(first: number, last: number, length: number): number {
  return ((first & 31) + (last & 31) * 163 + length * 97) & (slots - 1);
}

export class OpenTagCounts {
  #counts: Buffer = nothing;
  /** Slots and their counts in turn, while there is no table. */
  #listed: readonly number[] = [];

  /**
   * The table, until another object needs its own. It does not use Node's pool: a slice of it would keep the whole
   * pool alive (64 KiB from Node.js 24 on).
   */
  get counts(): Buffer {
    if (this.#counts.length === 0) this.#takeTable();
    return this.#counts;
  }

  #takeTable(): void {
    if (resting !== undefined) resting.#shelve();
    resting = undefined;
    this.#counts = spare ?? Buffer.alloc(slots);
    spare = undefined;
    for (let i = 0; i < this.#listed.length; i += 2) this.#counts[this.#listed[i]!] = this.#listed[i + 1]!;
    this.#listed = [];
  }

  /** Nothing is counted until more of the page comes. */
  rest(): void {
    if (this.#counts.length === 0 || resting === this) return;
    if (resting !== undefined) resting.#shelve();
    resting = this;
  }

  /** Keeps the counts without the table, if they are few. */
  #shelve(): void {
    const counts = this.#counts;
    const listed: number[] = [];
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] === 0) continue;
      if (listed.push(slot, counts[slot]!) > 2 * maxListed) return;
    }
    this.drop();
    this.#listed = listed;
  }

  /** Nothing is counted any more. */
  drop(): void {
    if (resting === this) resting = undefined;
    if (this.#counts.length > 0) spare = this.#counts.fill(0);
    this.#counts = nothing;
  }

  /** @param first - the first letter of the tag's name, in either case, as is `last` */
  add(first: number, last: number, length: number, isEndTag: boolean): void {
    const { counts } = this;
    const slot = slotOf(first, last, length);
    const count = counts[slot]! + (isEndTag ? -1 : 1);
    if (count >= 0 && count <= 0x7f) counts[slot] = count;
  }

  mayBeOpen(name: string): boolean {
    return this.counts[slotOf(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)]! > 0;
  }

  mayBeOpenOf(names: Iterable<string>): boolean {
    for (const name of names) if (this.mayBeOpen(name)) return true;
    return false;
  }
}
