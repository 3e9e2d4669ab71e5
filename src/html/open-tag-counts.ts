/**
 * Which elements may be open around an `svg`? Start tags less end tags, by the shape of their names: first letter, last
 * letter and length. It has to cost nothing at every tag of a page, so names are not read; two of one shape, and
 * elements that close without an end tag, make it say "may be" where a tree would say no.
 */
const shapes = 2048;

/** The factors keep apart the names of HTML that differ in one of the three. */
function shapeOf(first: number, last: number, length: number): number {
  return ((first & 31) + (last & 31) * 163 + length * 97) & (shapes - 1);
}

export class OpenTagCounts {
  /** Not from Node's pool, of which a piece keeps a whole block alive: 64 KiB from version 24 on. */
  readonly #open: Buffer = Buffer.alloc(shapes);

  /** Takes the first and the last letter of a tag's name, of either case, and its length. */
  note(first: number, last: number, length: number, isEndTag: boolean): void {
    const shape = shapeOf(first, last, length);
    const count = this.#open[shape]! + (isEndTag ? -1 : 1);
    if (count >= 0 && count <= 0x7f) this.#open[shape] = count;
  }

  mayBeOpen(name: string): boolean {
    return this.#open[shapeOf(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)]! > 0;
  }
}
