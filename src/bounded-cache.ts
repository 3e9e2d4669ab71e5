/**
 * A bounded cache with two generations. A `get` moves its entry to the young generation; when that one is full, the old
 * generation is dropped as a whole. No entry is deleted on its own, so eviction costs nothing per entry.
 */
export class BoundedCache<Value> {
  readonly #half: number;
  readonly #weigh: (key: string, value: Value) => number;
  #young: Map<string, Value> = new Map();
  #old: Map<string, Value> = new Map();
  /** Of the young generation. A key that is set again counts twice, so that the bound still holds. */
  #weight = 0;

  /**
   * @param maxWeight - of both generations together: so many entries, or so many bytes
   * @param weigh - what an entry counts; 1 by default
   */
  constructor(maxWeight: number, weigh: (key: string, value: Value) => number = one) {
    this.#half = maxWeight / 2;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** What is heavier than a generation is not kept. */
  set(key: string, value: Value): void {
    const weight = this.#weigh(key, value);
    if (weight > this.#half) return;
    if (this.#weight + weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(key, value);
    this.#weight += weight;
  }
}

function one(): number {
  return 1;
}

/** Copies a string before it is cached: in V8 a slice keeps the whole string that it was cut from in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
