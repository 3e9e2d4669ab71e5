/**
 * A bounded cache with two generations. A `get` moves its entry to the young generation; when that one is full, the old
 * generation is dropped as a whole. No entry is deleted on its own, so eviction costs nothing per entry.
 */
export class BoundedCache<Value> {
  readonly #half: number;
  #young: Map<string, Value> = new Map();
  #old: Map<string, Value> = new Map();

  /** @param maxEntries - in both generations together */
  constructor(maxEntries: number) {
    this.#half = maxEntries >> 1;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** Copies a string before it is cached: in V8 a slice keeps the whole string that it was cut from in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
