/**
 * Which elements may be open around an `svg` or `math`? It counts start tags minus end tags by a hash of the name's
 * first letter, last letter and length, since it runs at every tag of a page. It may wrongly say that an element is
 * open (hash collisions, omitted end tags).
 */
const slots = 2048;

/** The factors give different slots to element names of HTML that differ in one of the three. */
function slotOf(first: number, last: number, length: number): number {
  return ((first & 31) + (last & 31) * 163 + length * 97) & (slots - 1);
}

export class OpenTagCounts {
  /** `alloc` does not use Node's pool: a slice of it would keep the whole pool alive (64 KiB from Node.js 24 on). */
  readonly counts: Buffer = Buffer.alloc(slots);

  /** @param first - the first letter of the tag's name, in either case, as is `last` */
  add(first: number, last: number, length: number, isEndTag: boolean): void {
    const slot = slotOf(first, last, length);
    const count = this.counts[slot]! + (isEndTag ? -1 : 1);
    if (count >= 0 && count <= 0x7f) this.counts[slot] = count;
  }

  mayBeOpen(name: string): boolean {
    return this.counts[slotOf(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)]! > 0;
  }

  mayBeOpenOf(names: Iterable<string>): boolean {
    for (const name of names) if (this.mayBeOpen(name)) return true;
    return false;
  }
}
