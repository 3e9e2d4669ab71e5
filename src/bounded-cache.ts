/**
 * A bounded memo in two generations: what is asked for again moves to the young one, and the old one goes as a whole.
 * Nothing is ever deleted singly, which is what makes a place in it cheap. It knows nothing of what it keeps.
 */
export class BoundedCache<Value> {
  readonly #half: number;
  #young: Map<string, Value> = new Map();
  #old: Map<string, Value> = new Map();

  /** @param most - entries at any time */
  constructor(most: number) {
    this.#half = most >> 1;
  }

  get(name: string): Value | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, value: Value): void {
    this.#young.set(name, value);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** A string of its own: a mere slice keeps all of what it was cut from in the memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
