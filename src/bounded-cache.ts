interface Entry<Value> {
  readonly value: Value;
  readonly weight: number;
  /** Where its key is in the list of keys. */
  index: number;
}

/**
 * A bounded cache. If it is full, a new entry takes the place of others at random: whatever the order in which entries are
 * used, it cannot defeat that. Were the oldest to make room, slightly more entries than fit, used in turn, would all be missed.
 */
export class BoundedCache<Value> {
  readonly #maxWeight: number;
  readonly #weigh: (key: string, value: Value) => number;
  readonly #entries: Map<string, Entry<Value>> = new Map();
  readonly #keys: string[] = [];
  #weight = 0;
  #random = 1;

  /**
   * @param maxWeight - of all entries together: so many entries, or so many bytes
   * @param weigh - what an entry counts; 1 by default
   */
  constructor(maxWeight: number, weigh: (key: string, value: Value) => number = one) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** What is heavier than all entries may be together is not kept. */
  set(key: string, value: Value): void {
    this.#delete(key);
    const weight = this.#weigh(key, value);
    if (weight > this.#maxWeight) return;
    while (this.#weight + weight > this.#maxWeight) this.#delete(this.#keys[this.#nextIndex()]!);
    this.#entries.set(key, { value, weight, index: this.#keys.push(key) - 1 });
    this.#weight += weight;
  }

  #delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
    const last = this.#keys.pop()!;
    if (last === key) return;
    this.#keys[entry.index] = last;
    this.#entries.get(last)!.index = entry.index;
  }

  /** By a linear congruential generator. */
  #nextIndex(): number {
    this.#random = (Math.imul(this.#random, 0x19660d) + 0x3c6ef35f) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * this.#keys.length);
  }
}

function one(): number {
  return 1;
}

/** Copies a string before it is cached: in V8 a slice keeps the whole string that it was cut from in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
