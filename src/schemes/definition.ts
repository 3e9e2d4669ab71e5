/**
 * What a scheme is: how the URLs of a private image store carry a token. A scheme knows its URLs and its secret. It knows
 * no page, no viewer, no allowlist of variants and no clock.
 */
import type { Base } from '../url/base.ts';
import type { BoundScheme, FetchedSecret, Times, TokenFailure } from './bound.ts';
import type { NameProblem } from './object-name.ts';

export type { FetchedSecret, TokenFailure } from './bound.ts';

/** The terms of one token. */
export interface SignTerms {
  /** When the token expires, in Unix seconds. */
  readonly exp: number;
  /** In seconds: the token is valid for so long at least. */
  readonly ttl: number;
  /** In seconds: `exp` moves in steps of this length. `exp - (ttl + step)` is never in the future. */
  readonly step: number;
}

/** What `verify` of a scheme returns. */
export type TokenVerification =
  | {
      /** The token is valid. */
      readonly ok: true;
      /** In Unix seconds. */
      readonly expiresAt: number;
    }
  | {
      /** The token is not valid. */
      readonly ok: false;
      /** For reports; a client is not told. */
      readonly reason: TokenFailure;
    };

/** What a scheme finds in a URL: the image id, and whatever else `authorize` is to get. */
export interface MatchedImage {
  /** What names the image in its store, percent-decoded, such as `'uploads/a.jpg'`. */
  readonly id: string;
}

/** A scheme as `defineScheme` takes it. All functions are synchronous; the same arguments give the same result. */
export interface SchemeDefinition<Image extends MatchedImage = MatchedImage> {
  /** For messages, in lower case. */
  readonly name: string;
  /** Where its URLs stand: an origin with a path, or a path alone. One, or a list. */
  readonly bases: string | readonly string[];
  /**
   * Finds the image that a URL names; undefined for a URL that is not to be signed. This is the allowlist of the scheme.
   * @param url - under a base, without a fragment, in ASCII as a browser sends it; it may carry a token
   */
  match(url: string): Image | undefined;
  /** Removes the token, if there is one. Everything else stays as written. */
  strip(url: string): string;
  /** Adds a token. */
  sign(url: string, terms: SignTerms): string;
  /**
   * Verifies the token of a URL, for `verifyImage` and the guard. It compares in constant time, and before it looks at the
   * expiry.
   * @param now - in Unix seconds; `NaN` verifies nothing
   */
  verify?(url: string, now: number): TokenVerification;
  /** In seconds: a token may not be valid for longer. */
  readonly longestLife?: number;
  /**
   * For a signature of a key pair (RSA, Ed25519), which takes as long as a hundred MACs: how many of them one response may
   * compute. Those that are cached do not count. URLs beyond that stay as they are, are reported, and nobody may store the
   * response: a stranger who fills a page with URLs does not keep the server busy.
   * @default any number
   */
  readonly maxSignatures?: number;
  /**
   * Whether what delivers the images decodes a path more than once, merges slashes, or builds URLs out of decoded names.
   * Then only names are signed that stay the same all the way: none with `#`, `?`, `^`, `%` before two hexadecimal digits
   * or an empty segment. A base that is a path takes no others in any case.
   * @default false
   */
  readonly plainNames?: boolean;
  /**
   * Whether the store gives a parameter of this name a meaning, so that no token may be valid for another value of it. Only
   * `checkScheme` asks.
   * @default every parameter has a meaning
   */
  readsParameter?(name: string): boolean;
  /** All that decides a token but the secret itself, of which a digest may be part. It binds caches and entity tags. */
  readonly fingerprint: string;
}

/** Where the parts of a URL are that a built-in scheme gets. */
export interface UrlPlace {
  /** Offset of the path after the base: of its first `/`. */
  readonly path: number;
  /** Offset of the `?`; the length of the URL if there is none. */
  readonly query: number;
}

/** What the package knows of its own schemes beyond what `defineScheme` takes. */
export interface SchemeTraits {
  /** Whether `match` is an allowlist. If not, `authorize` is required: anybody can write a URL into a comment. */
  readonly isLimited: boolean;
  /** Why `authorize` cannot limit what a token opens; undefined if it can. */
  readonly opensMore?: string;
  /** A secret that is fetched, and may end; undefined for one that is given as text. */
  readonly secret?: FetchedSecret;
  /** Whether a token says when it was issued, and something else how long it lives: then no call may ask for a longer life. */
  readonly hasFixedLife?: boolean;
  /** Whether `match` reads paths on its own: with encoded slashes and empty segments, as where a path holds a URL. */
  readonly hasFreePath?: boolean;
  /** Cloudflare's own: it has variants. Undefined for what `sign` and `match` describe. */
  bind?(times: Times): BoundScheme;
}

/** A definition with its bases parsed. Built-in schemes get the place of each URL as well, and may say more. */
export interface CompleteDefinition<Image extends MatchedImage = MatchedImage>
  extends Omit<SchemeDefinition<Image>, 'bases' | 'match'> {
  readonly bases: readonly Base[];
  match(url: string, place: UrlPlace): Image | undefined;
  /** Whether a parameter of this name belongs to a token; undefined if a token may stand elsewhere than in the query. */
  isTokenParameter?(name: string): boolean;
  /** Why `match` does not take the URL for the name that it has; undefined if the name is all right. */
  nameProblem?(url: string, place: UrlPlace): NameProblem | undefined;
  /** Percent-encodes a segment of an image id as the store's own library does; as `URL` does by default. */
  encodeSegment?(text: string): string;
  /** Whether a parameter of the author's is signed. One that is not is taken off. Undefined: all are. */
  signsParameter?(name: string): boolean;
}

const schemeSymbol: unique symbol = Symbol.for('image-signer.scheme') as never;

/** Signs and verifies URLs of one private image store. `image-signer/schemes` makes them. */
export interface Scheme<Image extends MatchedImage = MatchedImage> {
  /** Such as `'s3'`. */
  readonly name: string;
  /** For the compiler alone: what `authorize` gets. */
  readonly image?: Image;
}

export interface SchemeParts {
  readonly definition: CompleteDefinition;
  readonly traits: SchemeTraits;
}

export function createScheme<Image extends MatchedImage>(
  definition: CompleteDefinition<Image>,
  traits: SchemeTraits,
): Scheme<Image> {
  // Not enumerable: what prints a scheme shows its name alone.
  return Object.defineProperty({ name: definition.name }, schemeSymbol, { value: { definition, traits } });
}

/** @returns undefined for anything but a scheme */
export function partsOf(value: unknown): SchemeParts | undefined {
  const parts: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, schemeSymbol) : undefined;
  return parts === undefined ? undefined : (parts as SchemeParts); // only `createScheme` sets this symbol
}
