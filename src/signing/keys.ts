/**
 * The keys of one signer: the newest key signs, and every key verifies. Private fields keep them out of `util.inspect`,
 * JSON and logs.
 */
import { keyUnavailable } from '../errors.ts';
import { type HmacKey, importKey, isSameMac } from './digests.ts';
import { FetchedValue, type FetchedValueOptions } from './fetched-value.ts';

/**
 * 24 hex digits are 96 bits. A short MAC is compared for equality only, and is no secret: a client that
 * invents one deceives only itself, about a page in its own cache. So the half-length minimum of RFC 2104, 5, which is about forgery,
 * does not apply, and only chance counts. Should two states of a site have the same MAC, a client could get a 304 for a
 * page with expired images. A given pair does with a probability of 2^-96, and any two of a billion states with less
 * than 2^-36. With 32 bits, any two of 100,000 states would do so with a probability above one half.
 */
const shortMacDigits = 24;

/** The keys of one answer, the newest first. */
type KeyList = readonly HmacKey[];

/** How a function of the app is asked for keys. */
export interface KeySource extends Pick<FetchedValueOptions<unknown>, 'fetch'> {
  /** In seconds: the function is asked again after that. */
  readonly refreshAfter: number;
  /** Checks what the function gave. @throws for anything but keys */
  readonly readTexts: (got: unknown) => readonly string[];
}

export class SigningKeys {
  readonly #given: KeyList;
  readonly #fetched: FetchedValue<KeyList> | undefined;

  /** @param source - the texts of the keys, the newest first, at least one; or where they are fetched from */
  constructor(source: readonly string[] | KeySource) {
    const isFetched = 'fetch' in source;
    this.#given = isFetched ? [] : source.map(importKey);
    this.#fetched = isFetched ? fetchedKeys(source) : undefined;
  }

  get #keys(): KeyList {
    return this.#fetched?.current ?? this.#given;
  }

  /** Keys that are fetched; undefined for those that were given as text. */
  get fetched(): Omit<FetchedValue<unknown>, 'current' | 'valueAt'> | undefined {
    return this.#fetched;
  }

  /** Changes whenever the keys do: whatever depends on them has to be computed anew. */
  get generation(): number {
    return this.#fetched === undefined ? 0 : this.#fetched.generation;
  }

  /** How many there are; 0 before the first were fetched. */
  get size(): number {
    return this.#keys.length;
  }

  /**
   * The MAC of a signed string under the newest key.
   * @throws ImageSignerError KEY_UNAVAILABLE before the first were fetched
   */
  sign(signedString: string): string {
    return this.#newest().mac(signedString, 'hex');
  }

  /** The index of the key that made this MAC, or -1. It tries all keys: the duration does not tell which one it was. */
  indexOfKey(signedString: string, signature: string): number {
    return this.findIndex((key) => isSameMac(key.mac(signedString, 'hex'), signature));
  }

  /** The first index for which the test holds, or -1. It tests all keys. Only `signing/` may take a key out. */
  findIndex(test: (key: HmacKey) => boolean): number {
    const keys = this.#keys;
    let found = -1;
    for (let i = keys.length - 1; i >= 0; i--) if (test(keys[i]!)) found = i;
    return found;
  }

  /**
   * A truncated MAC under the newest key, for something other than a URL, such as an entity tag. The prefix keeps it
   * from being a part of a token: signed strings begin with `/`.
   * @throws ImageSignerError KEY_UNAVAILABLE before the first were fetched
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
    // By MACs, so that no key is kept as text.
    isSame: (a, b) => fingerprintOf(a) === fingerprintOf(b),
  });
}

function fingerprintOf(keys: KeyList): string {
  return keys.map((key) => shortMacOf(key, 'key')).join();
}
