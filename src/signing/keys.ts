/**
 * A signer's keys: the newest signs, and all of them verify. Private fields keep them out of `util.inspect`, JSON and logs.
 */
import { keyUnavailable } from '../errors.ts';
import { type HmacKey, importKey, isSameMac } from './digests.ts';
import { FetchedValue, type FetchedValueOptions } from './fetched-value.ts';

/**
 * 24 hex digits are 96 bits. A short MAC is only compared for equality, and is not secret: a client that invents one deceives
 * only itself, about a page in its own cache. So the half-length minimum of RFC 2104, 5, which is about forgery, does not
 * apply, and only collisions matter. If two states of a site had the same MAC, a client could get a 304 for a page with
 * expired images. For a given pair the probability is 2^-96, and for any two of a billion states it is below 2^-36. With 32
 * bits, it would be above one half for any two of 100,000 states.
 */
const shortMacDigits = 24;

/** The keys of one answer, the newest first. */
type KeyList = readonly HmacKey[];

/** How an app's function is called for keys. */
export interface KeySource extends Pick<FetchedValueOptions<unknown>, 'fetch'> {
  /** In seconds: when the function is called again. */
  readonly refreshAfter: number;
  /** Checks the function's result. @throws for anything but keys */
  readonly readTexts: (got: unknown) => readonly string[];
}

export class SigningKeys {
  readonly #given: KeyList;
  readonly #fetched: FetchedValue<KeyList> | undefined;

  /** @param source - at least one key as text, the newest first; or how to fetch them */
  constructor(source: readonly string[] | KeySource) {
    const isFetched = 'fetch' in source;
    this.#given = isFetched ? [] : source.map(importKey);
    this.#fetched = isFetched ? fetchedKeys(source) : undefined;
  }

  get #keys(): KeyList {
    return this.#fetched?.current ?? this.#given;
  }

  /** Fetched keys; undefined for keys that were given as text. */
  get fetched(): Omit<FetchedValue<unknown>, 'current' | 'valueAt'> | undefined {
    return this.#fetched;
  }

  /** Changes whenever the keys do: whatever depends on them must then be computed again. */
  get generation(): number {
    return this.#fetched === undefined ? 0 : this.#fetched.generation;
  }

  /** The number of keys; 0 before the first fetch. */
  get size(): number {
    return this.#keys.length;
  }

  /**
   * The MAC of a signed string under the newest key.
   * @throws ImageSignerError KEY_UNAVAILABLE before the first fetch
   */
  sign(signedString: string): string {
    return this.#newest().mac(signedString, 'hex');
  }

  /** The index of the key that made this MAC, or -1. It tries all keys, so that the duration does not tell which one it was. */
  indexOfKey(signedString: string, signature: string): number {
    return this.findIndex((key) => isSameMac(key.mac(signedString, 'hex'), signature));
  }

  /** The first index for which the test is true, or -1. It tests all keys. Only `signing/` may export a key. */
  findIndex(test: (key: HmacKey) => boolean): number {
    const keys = this.#keys;
    let found = -1;
    for (let i = keys.length - 1; i >= 0; i--) if (test(keys[i]!)) found = i;
    return found;
  }

  /**
   * A truncated MAC under the newest key, for something other than a URL, such as an entity tag. Its prefix keeps it from being
   * useful in a token: signed strings begin with `/`.
   * @throws ImageSignerError KEY_UNAVAILABLE before the first fetch
   */
  shortMac(text: string): string {
    return shortMacOf(this.#newest(), text);
  }

  #newest(): HmacKey {
    const [newest] = this.#fetched?.current ?? this.#given;
    if (newest === undefined) throw keyUnavailable(this.#fetched!);
    return newest;
  }
}

function shortMacOf(key: HmacKey, text: string): string {
  return key.mac(`image-signer: ${text}`, 'hex').slice(0, shortMacDigits);
}

function fetchedKeys({ readTexts, ...source }: KeySource): FetchedValue<KeyList> {
  return new FetchedValue<KeyList>({
    ...source,
    read: (got) => ({ value: readTexts(got).map(importKey), endsAt: Number.POSITIVE_INFINITY }),
    // Compares MACs, so that no key is kept as text.
    isSame: (a, b) => fingerprintOf(a) === fingerprintOf(b),
  });
}

function fingerprintOf(keys: KeyList): string {
  return keys.map((key) => shortMacOf(key, 'key')).join();
}
