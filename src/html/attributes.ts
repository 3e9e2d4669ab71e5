/** The attributes of one whole tag, as offsets (WHATWG HTML, 13.2.5.32 to 13.2.5.40). It decodes and judges nothing. */
import { APOSTROPHE, EQUALS, QUOTE, SLASH, toLowerCase } from '../ascii.ts';
import { byteClass, indexOfByte } from '../bytes.ts';
import type { Quote } from './character-references.ts';
import { isSpace } from './tag-bytes.ts';

export interface Attribute {
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Behind the opening quote. Equals `valueEnd` for an empty value, and for an attribute without one. */
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly quote: Quote;
}

/** The tag's own end apart, which is known here. */
const endsName: Uint8Array = byteClass((byte) => isSpace[byte] === 1 || byte === SLASH || byte === EQUALS);

/**
 * @param from - behind the tag's name
 * @param to - at the `>` that ends the tag
 * @returns all of them in order; of several with one name a browser knows the first
 */
export function readAttributes(bytes: Buffer, from: number, to: number): Attribute[] {
  const attributes: Attribute[] = [];
  let at = from;
  for (;;) {
    while (at < to && (isSpace[bytes[at]!] === 1 || bytes[at] === SLASH)) at++;
    if (at >= to) return attributes;
    const nameStart = at++; // whatever it is: `=` too may begin a name
    while (at < to && endsName[bytes[at]!] === 0) at++;
    const nameEnd = at;
    while (at < to && isSpace[bytes[at]!] === 1) at++;
    if (bytes[at] !== EQUALS || at >= to) {
      attributes.push({ nameStart, nameEnd, valueStart: nameEnd, valueEnd: nameEnd, quote: 0 });
      continue;
    }
    at++;
    while (at < to && isSpace[bytes[at]!] === 1) at++;
    const first = at < to ? bytes[at] : 0;
    const quote: Quote = first === QUOTE || first === APOSTROPHE ? first : 0;
    const valueStart = quote === 0 ? at : at + 1;
    if (quote === 0) while (at < to && isSpace[bytes[at]!] === 0) at++;
    // The tag is whole: the quote that closes is there, so that the search needs no other bound.
    else at = Math.min(indexOfByte(bytes, quote, valueStart, bytes.length), to);
    attributes.push({ nameStart, nameEnd, valueStart, valueEnd: at, quote });
    if (quote !== 0) at++;
  }
}

/** A name in lower case, a character per byte. */
export function lowerCaseName(bytes: Buffer, start: number, end: number): string {
  const name = bytes.toString('latin1', start, end);
  // `toLowerCase` knows letters beyond ASCII as well, and they differ.
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** NameCache in lower case, made once each: there are few in a page, and many of each. It remembers as many as fit. */
export class NameCache {
  readonly #known: string[] = [];

  lowerCase(bytes: Buffer, start: number, end: number): string {
    const place = (bytes[start]! * 7 + bytes[end - 1]! * 3 + (end - start)) & 63;
    const known = this.#known[place];
    if (known !== undefined && isName(bytes, start, end, known)) return known;
    const name = lowerCaseName(bytes, start, end);
    this.#known[place] = name;
    return name;
  }
}

/** So many attributes are compared one by one; a tag may hold thousands. */
const maxCompared = 32;

/** Tells attributes that a browser drops, because one of the same name stands before them. */
export class DuplicateAttributes {
  readonly #bytes: Buffer;
  readonly #attributes: readonly Attribute[];
  #indices: Map<string, number> | undefined;

  constructor(bytes: Buffer, attributes: readonly Attribute[]) {
    this.#bytes = bytes;
    this.#attributes = attributes;
  }

  /** @param name - of the attribute at `index`, in lower case */
  has(index: number, name: string): boolean {
    if (index > maxCompared) return this.#firstIndices().get(name) !== index;
    for (let i = 0; i < index; i++) {
      const { nameStart, nameEnd } = this.#attributes[i]!;
      if (isName(this.#bytes, nameStart, nameEnd, name)) return true;
    }
    return false;
  }

  #firstIndices(): Map<string, number> {
    if (this.#indices !== undefined) return this.#indices;
    this.#indices = new Map();
    for (const [index, { nameStart, nameEnd }] of this.#attributes.entries()) {
      const name = lowerCaseName(this.#bytes, nameStart, nameEnd);
      if (!this.#indices.has(name)) this.#indices.set(name, index);
    }
    return this.#indices;
  }
}

/** The first attribute of this name. */
export function findAttribute(
  bytes: Buffer,
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  return attributes.find(({ nameStart, nameEnd }) => isName(bytes, nameStart, nameEnd, name));
}

/** Whether a name, as written, is this one; names compare without ASCII case. */
export function isName(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (toLowerCase(bytes[start + i]!) !== name.charCodeAt(i)) return false;
  }
  return true;
}
