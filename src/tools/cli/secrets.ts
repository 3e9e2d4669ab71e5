/**
 * The keys that this run knows. A key may turn up in a text that is about to be written, because somebody pasted it in
 * place of a URL or a variant: it is replaced there.
 */

/** A shorter text turns up by chance, and replacing it would garble what is written. It is no usable key either. */
const minLength = 8;

export class Secrets {
  readonly #texts: Set<string> = new Set();

  /** @param key - what the option `key` may hold, or anything else */
  add(key: unknown): void {
    for (const text of [key].flat()) {
      if (typeof text === 'string' && text.trim().length >= minLength) this.#texts.add(text.trim());
    }
  }

  isIn(text: string): boolean {
    return this.hide(text) !== text;
  }

  hide(text: string): string {
    let hidden = text;
    for (const each of this.#texts) hidden = hidden.replaceAll(each, '…');
    return hidden;
  }
}
