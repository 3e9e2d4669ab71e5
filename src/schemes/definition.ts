/**
 * What a scheme is: how the URLs of a private image store carry a token. A scheme knows its URLs, its variants and its
 * secret. It knows no page, no viewer and no clock.
 * Longer than most files: most of it says what a scheme may leave out, and what holds then.
 */
import type { Base, FromBase } from '../url/base.ts';
import type { NameProblem } from './object-name.ts';
import type { UrlPlace, WrittenUrl } from './written-url.ts';

/** Why a token does not verify. */
export type TokenFailure = 'missing-signature' | 'malformed-signature' | 'bad-signature' | 'expired';

/** The terms of one token. */
export interface SignTerms {
  /** When the token expires, in Unix seconds. */
  readonly exp: number;
  /** In seconds: the token is valid for so long at least. */
  readonly ttl: number;
  /** In seconds: `exp` moves in steps of this length. `exp - (ttl + step)` is never in the future. */
  readonly step: number;
}

/** A secret, or one with its end. */
export type OneSecret<Secret, Extra = unknown> =
  | Secret
  | ({
      /** The secret itself. */
      readonly value: Secret;
      /**
       * When it ends: no URL is valid for longer, and a function is asked again before.
       * @default never
       */
      readonly expiration?: Date | undefined;
    } & Extra);

/** What a function gives as a secret. */
export type SecretAnswer<Secret, Extra = unknown> =
  | OneSecret<Secret, Extra>
  | readonly OneSecret<Secret, Extra>[]
  | {
      /** The secrets, the newest first. */
      readonly value: readonly Secret[];
      /**
       * When the newest ends.
       * @default never
       */
      readonly expiration?: Date | undefined;
    };

/**
 * A secret; a list, of which the first signs and all verify; or a function that gives either. A function may be asynchronous.
 * It is asked before the first URL is signed, then every five minutes, or before the secret ends. While it fails, the last
 * secret stays in use until its end.
 */
export type SecretOption<Secret, Extra = unknown> =
  | OneSecret<Secret, Extra>
  | readonly OneSecret<Secret, Extra>[]
  | (() => SecretAnswer<Secret, Extra> | PromiseLike<SecretAnswer<Secret, Extra>>);

/** What `sign` of an app's scheme gets beside the URL. */
export interface SecretTerms<Secret> extends SignTerms {
  /** In Unix seconds, for schemes that sign it: `exp - (ttl + step)`, which is never in the future. */
  readonly issuedAt: number;
  /** The newest of the option `secret`; undefined for a scheme without that option. */
  readonly secret: Secret;
}

/** The parts of a URL under a base, without a fragment. */
export interface UrlParts {
  /** The whole URL. Its host may be in capitals, and `https:` may be missing. */
  readonly url: string;
  /** Scheme and host, in lower case. The scheme is the base's for a URL that leaves it out; empty for a base that is a path. */
  readonly origin: string;
  /** The whole path, that of the base included, percent-encoded. */
  readonly path: string;
  /** Without the `?`; empty if there is none. */
  readonly query: string;
  /** The path after the base, percent-decoded: what names the image in its store. */
  readonly id: string;
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
      /** For reports. It is never sent to a client. */
      readonly reason: TokenFailure;
    };

/** What a scheme finds in a URL: the image id, and whatever else `authorize` is to get. */
export interface MatchedImage {
  /**
   * What names the image in its store, percent-decoded, such as `'uploads/a.jpg'`. It may hold any character: look it up, and
   * build no path or URL from it.
   */
  readonly id: string;
}

/**
 * The image that a URL names: what `authorize` is asked about, and what `verifyImage` returns. Schemes may add to it.
 * @typeParam Name - the name of the scheme, which tells the images of several schemes apart
 * @example
 * ```ts
 * const mayView = (image: DeliveryImage | SchemeImage<'s3'>): boolean =>
 *   image.scheme === 's3' ? image.id.startsWith('uploads/') : image.variant === 'thumb';
 * ```
 */
export interface SchemeImage<Name extends string = string> extends MatchedImage {
  /** The URL, without a token: `'https://photos.s3.eu-central-1.amazonaws.com/uploads/a.jpg'`. */
  readonly url: string;
  /** The base that the URL begins with, as the options give it. */
  readonly base: string;
  /** The name of the scheme: `'s3'`. Without the option `scheme` it is `'cloudflare-images'`. */
  readonly scheme: Name;
}

/** An image with all that `match` finds. What every image has is left out, so that editors show a short type. */
export type FoundImage<Name extends string, Found> =
  SchemeImage<Name> extends Found ? SchemeImage<Name> : SchemeImage<Name> & Found;

/** An entry of the option `from` whose URLs carry tokens of another store than the scheme's. */
export interface StoredBase {
  /** Such as `'https://abc.supabase.co/storage/v1/object/sign/photos'`. */
  readonly base: string;
  /** The parameters that are tokens there, by name, such as `['token']`: they are taken off. */
  readonly token: string | readonly string[];
}

/** What a scheme may say of its store. */
export interface SchemeTraits {
  /** In seconds: a token may not be valid for longer. */
  readonly longestLife?: number | undefined;
  /**
   * For a signature of a key pair (RSA, Ed25519), which takes as long as a hundred MACs: how many of them one response may
   * compute. Those that are cached do not count. URLs beyond that stay as they are, are reported, and nobody may store the
   * response: a stranger who fills a page with URLs does not keep the server busy.
   * @default any number
   */
  readonly maxSignatures?: number | undefined;
  /**
   * Whether what delivers the images decodes a path more than once, merges slashes, or builds URLs out of decoded names.
   * Then only names are signed that stay the same all the way: none with `#`, `?`, `^`, `%` before two hexadecimal digits
   * or an empty segment. A base that is a path takes no others in any case.
   * @default false
   */
  readonly plainNames?: boolean | undefined;
  /**
   * Whether the store gives a parameter of this name a meaning, so that no token may be valid for another value of it. Only
   * `checkScheme` asks.
   * @default every parameter has a meaning
   */
  readonly readsParameter?: ((name: string) => boolean) | undefined;
}

/** A secret that ends, or that a function of the app gives, which may be asynchronous. */
export interface FetchedSecret {
  /** Changes whenever the secret does: URLs that were signed before are signed anew. */
  readonly generation: number;
  /** In Unix seconds: no token may outlive it. `Infinity` if the secret does not end, 0 if there is none yet. */
  readonly endsAt: number;
  /**
   * Fetches it where that is due. It never rejects.
   * @param now - in Unix seconds
   * @returns a promise as long as there is no secret yet
   */
  refresh(now: number): Promise<void> | undefined;
  /** Why there is no secret yet; undefined if there is one. */
  readonly failure: unknown;
  /** In seconds: how long a function that has failed is left alone. */
  readonly pause: number;
  /** Reports failures to a listener, also those that come while there is a secret. */
  listen(onFailure: (error: unknown) => void): void;
}

/** The secrets of a scheme, as a signer sees them. */
export interface WatchedSecrets {
  /** Undefined for secrets that were given once and do not end. */
  readonly lifetime: FetchedSecret | undefined;
  /** The function of the app that gives them; undefined for given ones. Two signers with the same one sign alike. */
  readonly source: unknown;
  /** Differs where tokens do, and is no secret. */
  readonly fingerprint: string;
}

/** What the option `variants` says of one of them. */
export interface VariantRules {
  readonly name: string;
  /** In seconds; undefined: that of the signer. */
  readonly ttl: number | undefined;
  readonly alwaysPublic: boolean;
  readonly width: number | undefined;
  /** What a delivery makes of an image. It decides no token. */
  readonly picture: PicturePolicy;
}

/** How an image of another shape gets into the width and height of a variant, in Cloudflare's words. */
export type PictureFit = 'scale-down' | 'contain' | 'cover' | 'crop' | 'pad';

/** What stays of an image's metadata, in Cloudflare's words. */
export type Metadata = 'keep' | 'copyright' | 'none';

/** What the pictures of a variant look like. */
export interface PicturePolicy {
  readonly fit: PictureFit;
  /** In pixels; undefined: it follows from the height, or is the original's. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** From 1 to 250; undefined: not at all. */
  readonly blur: number | undefined;
  readonly metadata: Metadata;
}

/** The variants of a store whose URLs name one. */
export interface Variants {
  /** A map, so that `constructor` is no variant unless it is on the list. */
  readonly rules: ReadonlyMap<string, VariantRules>;
  /** The name of the variant that a URL of the store has, percent-decoded. */
  nameIn(url: string): string;
  /** The URL of an image in another variant; everything else stays as written. */
  replace(url: string, variant: string): string;
  /**
   * The URL of an image id, which is plain text.
   * @returns undefined for an id that no path can hold
   */
  urlOf(
    id: string,
    variant: string | undefined,
  ): string | 'account-required' | 'variant-required' | undefined;
}

/** Why a URL under no known base, or in no known spelling, is not signed, and how to fix it. */
export interface Unmatched {
  readonly reason:
    | 'encoded-path'
    | 'not-a-delivery-url'
    | 'not-under-delivery'
    | 'too-many-parameters'
    | 'trailing-slash'
    | 'variant-missing';
  /** For `encoded-path`: the image id as plain text, which `signImage` takes. */
  readonly id?: string;
  /** For `not-under-delivery`: the entry of the option `delivery` that would match. */
  readonly delivery?: string;
}

/** Finds out why a URL that looks like one of the store is not signed. */
export interface Unmatching {
  /** The longest run of letters and digits that every such URL contains. */
  readonly literal: string;
  explain(text: string): Unmatched;
}

/** What `match` of a built-in scheme finds. */
export type Match<Image extends MatchedImage> =
  | (Image & { readonly variant?: string })
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed'
  | undefined;

/** With the place of the key in the list of keys, if there is one. */
export type TokenResult = TokenVerification & { readonly keyIndex?: number };

/** A scheme as the package knows it. */
export interface Definition<Image extends MatchedImage = MatchedImage> extends SchemeTraits {
  readonly name: string;
  /** The first serves ids. */
  readonly bases: readonly Base[];
  readonly from?: readonly FromBase[] | undefined;
  /** All that decides a token but its secrets: it binds caches and entity tags. */
  readonly fingerprint: string;
  match(url: string, place: UrlPlace): Match<Image>;
  /** @returns the URL without a token */
  strip(url: string, place?: UrlPlace): string;
  /** @param place - of a URL that was read; the scheme finds it if it is not given */
  sign(url: string, terms: SignTerms, place?: UrlPlace): string;
  readonly verify?: ((url: string, now: number, place?: UrlPlace) => TokenResult) | undefined;
  /** Whether an app wrote the functions: what they return is not trusted. */
  readonly isForeign?: boolean | undefined;
  /** Whether `match` is an allowlist. If not, `authorize` is required: anybody can write a URL into a comment. */
  readonly isLimited: boolean;
  /** Beginnings of ids: no other image is signed. Only a diagnosis reads them. */
  readonly prefixes?: readonly string[] | undefined;
  /** Why `authorize` cannot limit what a token opens; undefined if it can. */
  readonly opensMore?: string | undefined;
  /** Undefined for a scheme whose functions know a secret that never changes. */
  readonly secrets?: WatchedSecrets | undefined;
  /** Whether a token says when it was issued, and something else how long it lives: then no call may ask for a longer life. */
  readonly hasFixedLife?: boolean | undefined;
  /** Whether `match` reads paths on its own: with encoded slashes and empty segments, as where a path holds a URL. */
  readonly hasFreePath?: boolean | undefined;
  /** Reads a URL by rules of the store's own, which have no names for what they refuse; by those of `written-url.ts` by default. */
  read?(text: string, bases: readonly Base[]): WrittenUrl | 'unreadable' | undefined;
  /** Undefined for a store that has none. */
  readonly variants?: Variants;
  /** A guard reads the targets of requests, which have no host, under these bases; by default those that are paths. */
  readonly guardBases?: readonly Base[];
  /** The path that is signed, for a store that signs another one than what follows the base. */
  signedPath?(url: string, place: UrlPlace): string;
  /** A short digest of a text under the secret; by default the fingerprint stands for that. */
  shortMac?(text: string): string;
  readonly unmatching?: Unmatching;
  /** Whether a parameter of this name belongs to a token; undefined if a token may stand elsewhere than in the query. */
  isTokenParameter?(name: string): boolean;
  /** What the first segment of a path begins with if it is a token, right behind the host. */
  readonly tokenSegment?: string;
  /** Why `match` does not take the URL for the name that it has; undefined if the name is all right. */
  readonly nameProblem?: ((url: string, place: UrlPlace) => NameProblem | undefined) | undefined;
  /** Percent-encodes a segment of an image id as the store's own library does; as `URL` does by default. */
  readonly encodeSegment?: ((text: string) => string) | undefined;
  /** Whether a parameter of the author's is signed. One that is not is taken off. Undefined: all are. */
  readonly signsParameter?: ((name: string) => boolean) | undefined;
}

const schemeSymbol: unique symbol = Symbol.for('image-signer.scheme.1') as never;

/**
 * Signs and verifies URLs of one private image store. `image-signer/schemes` makes them.
 * @typeParam Image - what `authorize` gets, and `verifyImage` returns
 */
export interface Scheme<Image extends SchemeImage = SchemeImage> {
  /** Such as `'s3'`. */
  readonly name: string;
  /** For the compiler alone: what `authorize` gets. */
  readonly image?: Image;
  /**
   * Set by all that makes a scheme. Functions have a name, too: without this the compiler would take `s3` itself for one.
   * @hidden
   */
  readonly [schemeSymbol]: unknown;
}

/**
 * @typeParam Matched - what `match` finds
 * @typeParam Name - that of the scheme, as a literal
 */
export function createScheme<Matched extends MatchedImage, Name extends string>(
  definition: Definition<Matched> & { readonly name: Name },
): Scheme<FoundImage<Name, Matched>> {
  // Not enumerable: what prints a scheme shows its name alone.
  const scheme = Object.defineProperty({ name: definition.name }, schemeSymbol, { value: definition });
  return scheme as typeof scheme & { readonly [schemeSymbol]: unknown }; // set in the line above
}

/** @returns undefined for anything but a scheme */
export function definitionOf(value: unknown): Definition | undefined {
  const definition: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, schemeSymbol) : undefined;
  return definition === undefined ? undefined : (definition as Definition); // only `createScheme` sets this symbol
}
