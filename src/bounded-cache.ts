/** A bounded cache: new entries stay for a while, older ones are evicted at random. */

interface Entry<Value> {
  readonly value: Value;
  readonly weight: number;
  /** The index of its key in the list of old keys. */
  index: number;
}

/**
 * The newest entries are young, and take an eighth. When that is full, they become old, and replace other old entries at random,
 * which no order of use can defeat. If the oldest were evicted, a site that uses slightly more entries than fit, in turn, would
 * miss all of them.
 */
export class BoundedCache<Value> {
  readonly #maxYoung: number;
  readonly #maxOld: number;
  readonly #weigh: (key: string, value: Value) => number;
  #young: Map<string, Entry<Value>> = new Map();
  #youngWeight = 0;
  readonly #old: Map<string, Entry<Value>> = new Map();
  readonly #oldKeys: string[] = [];
  #oldWeight = 0;
  #random = 1;

  /**
   * @param maxWeight - of all entries together: so many entries, or so many bytes
   * @param weigh - what an entry counts; 1 by default
   */
  constructor(maxWeight: number, weigh: (key: string, value: Value) => number = one) {
    this.#maxYoung = maxWeight / 8;
    this.#maxOld = maxWeight - this.#maxYoung;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    return (this.#young.get(key) ?? this.#old.get(key))?.value;
  }

  /** What is heavier than seven eighths of all is not kept. */
  set(key: string, value: Value): void {
    const weight = this.#weigh(key, value);
    this.#youngWeight -= this.#young.get(key)?.weight ?? 0;
    this.#young.delete(key);
    this.#forget(key);
    if (weight > this.#maxOld) return;
    const entry = { value, weight, index: -1 };
    if (weight > this.#maxYoung) return this.#makeOld([[key, entry]], weight);
    if (this.#youngWeight + weight > this.#maxYoung) {
      this.#makeOld(this.#young, this.#youngWeight);
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#young.set(key, entry);
    this.#youngWeight += weight;
  }

  #makeOld(entries: Iterable<readonly [string, Entry<Value>]>, weight: number): void {
    while (this.#oldWeight + weight > this.#maxOld) this.#forget(this.#oldKeys[this.#nextIndex()]!);
    for (const [key, entry] of entries) {
      entry.index = this.#oldKeys.push(key) - 1;
      this.#old.set(key, entry);
    }
    this.#oldWeight += weight;
  }

  #forget(key: string): void {
    const entry = this.#old.get(key);
    if (entry === undefined) return;
    this.#old.delete(key);
    this.#oldWeight -= entry.weight;
    const last = this.#oldKeys.pop()!;
    if (last === key) return;
    this.#oldKeys[entry.index] = last;
    this.#old.get(last)!.index = entry.index;
  }

  /** By a linear congruential generator. */
  #nextIndex(): number {
    this.#random = (Math.imul(this.#random, 0x19660d) + 0x3c6ef35f) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * this.#oldKeys.length);
  }
}

function one(): number {
  return 1;
}

/** Copies a string before it is cached: in V8 a slice keeps the whole string that it was cut from in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
