/** Where the URL stands that is being mapped, for whoever reports it: an attribute, an element, or the kind of a text. */
import { type Attribute, NameCache } from '../html/attribute-reader.ts';

/** Shared by all pages, which use the same few. */
const names: NameCache = /* @__PURE__ */ new NameCache();

/** A longer one is cut: a stranger may write an element of 64 KiB with a thousand attributes. */
const maxNameLength = 64;

export class CurrentPlace {
  #element: string | undefined;
  /** Of an attribute, or what there is instead of one. */
  #name: string | undefined;

  /** Called for a value that is in no cache. */
  inTag(bytes: Buffer, elementStart: number, elementEnd: number, { nameStart, nameEnd }: Attribute): void {
    this.#element = names.lowerCase(bytes, elementStart, Math.min(elementEnd, elementStart + maxNameLength));
    this.#name = names.lowerCase(bytes, nameStart, Math.min(nameEnd, nameStart + maxNameLength));
  }

  inElement(element: string): void {
    this.#element = element;
    this.#name = undefined;
  }

  in(text: 'JSON' | 'Link' | 'Location' | 'Markdown' | 'data'): void {
    this.#element = undefined;
    this.#name = text;
  }

  /** @param show - replaces a name that must not show @returns such as `<img src>`; undefined if nobody has said */
  name(show: (name: string) => string): string | undefined {
    if (this.#element === undefined) return this.#name;
    const parts = [this.#element, ...(this.#name === undefined ? [] : [this.#name])];
    return `<${parts.map(show).join(' ')}>`;
  }
}
