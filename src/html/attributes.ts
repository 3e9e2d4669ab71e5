/**
 * The attributes of one complete tag, as offsets (WHATWG HTML, 13.2.5.32 to 13.2.5.40), and their values without character
 * references. It does not know what an attribute means.
 */

import { APOSTROPHE, EQUALS, QUOTE, SLASH, toLowerCase } from '../text/ascii.ts';
import { byteClass, indexOfByte } from '../text/bytes.ts';
import type { UnescapedValue } from '../text/edit.ts';
import { type Quote, unescapeReferences } from './references.ts';
import { isSpace } from './tag-end.ts';

export interface Attribute {
  readonly nameStart: number;
  readonly nameEnd: number;
  /** After the opening quote. Equals `valueEnd` for an empty value, and for an attribute without a value. */
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly quote: Quote;
}

/** Without `>`: the end of the tag is known here. */
const endsName: Uint8Array = byteClass((byte) => isSpace[byte] === 1 || byte === SLASH || byte === EQUALS);

/**
 * @param from - after the tag's name
 * @param to - at the `>` that ends the tag
 * @returns all attributes in order, including duplicates, of which a browser keeps only the first
 */
export function readAttributes(bytes: Buffer, from: number, to: number): readonly Attribute[] {
  const attributes: Attribute[] = [];
  let at = from;
  for (;;) {
    while (at < to && (isSpace[bytes[at]!] === 1 || bytes[at] === SLASH)) at++;
    if (at >= to) return attributes;
    const nameStart = at++; // even `=` may begin a name (13.2.5.32)
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
    // The tag is complete, so the closing quote comes before `to`. A search without a bound needs no subarray.
    else at = Math.min(indexOfByte(bytes, quote, valueStart, bytes.length), to);
    attributes.push({ nameStart, nameEnd, valueStart, valueEnd: at, quote });
    if (quote !== 0) at++;
  }
}

/** A name in ASCII lower case, with one character per byte. */
export function lowerCaseName(bytes: Buffer, start: number, end: number): string {
  const name = bytes.toString('latin1', start, end);
  // `toLowerCase` on the whole name would change letters beyond ASCII, which stay as they are in HTML.
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** Pages do not repeat longer names, and a hostile name may fill a whole tag. */
const maxCachedName = 32;

/**
 * Caches names of tags or attributes in lower case, since pages repeat a few names many times. It has 64 slots; names that
 * share a slot replace each other.
 */
export class NameCache {
  readonly #slots: string[] = [];

  lowerCase(bytes: Buffer, start: number, end: number): string {
    const slot = (bytes[start]! * 7 + bytes[end - 1]! * 3 + (end - start)) & 63;
    const cached = this.#slots[slot];
    if (cached !== undefined && isName(bytes, start, end, cached)) return cached;
    const name = lowerCaseName(bytes, start, end);
    if (name.length <= maxCachedName) this.#slots[slot] = name;
    return name;
  }
}

/** Up to this many attributes are compared one by one. A hostile tag has thousands, so beyond it a map is built. */
const maxCompared = 32;

/** Recognises attributes that a browser drops because an earlier one has the same name ("duplicate-attribute"). */
export class DuplicateAttributes {
  readonly #bytes: Buffer;
  readonly #attributes: readonly Attribute[];
  #indices: Map<string, number> | undefined;

  constructor(bytes: Buffer, attributes: readonly Attribute[]) {
    this.#bytes = bytes;
    this.#attributes = attributes;
  }

  /** @param name - the name of the attribute at `index`, in lower case */
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

/** The first attribute with this name, which is given in lower case. */
export function findAttribute(
  bytes: Buffer,
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  return attributes.find(({ nameStart, nameEnd }) => isName(bytes, nameStart, nameEnd, name));
}

/** Whether the bytes are this name, given in lower case; they match "ASCII case-insensitively". */
export function isName(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (toLowerCase(bytes[start + i]!) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** The value of an attribute without its character references. */
export function unescapeValue(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): UnescapedValue {
  return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), valueStart, 'attribute', quote);
}
