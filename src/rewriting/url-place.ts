/** Where the URL stands that is being mapped, for whoever reports it: an element with an attribute, or the kind of a text. */
export class CurrentPlace {
  #element: string | undefined;
  /** An attribute, or what there is instead of one. */
  #name: string | undefined;

  /** Called for each value that may hold a URL, so that it joins nothing. @param attribute - undefined for the element's text */
  inTag(element: string, attribute: string | undefined): void {
    this.#element = element;
    this.#name = attribute;
  }

  in(text: 'JSON' | 'Link' | 'Location' | 'Markdown' | 'data'): void {
    this.#element = undefined;
    this.#name = text;
  }

  /** @param show - replaces a name that must not show @returns such as `<img src>`; undefined if nobody has said */
  name(show: (name: string) => string): string | undefined {
    if (this.#element === undefined) return this.#name;
    const names = [this.#element, ...(this.#name === undefined ? [] : [this.#name])];
    return `<${names.map(show).join(' ')}>`;
  }
}
