/**
 * What a scheme is: how the URLs of a private image store carry a token. A scheme knows its URLs, its variants and its
 * secret. It does not know pages, viewers or the time.
 * Longer than most files: most of it documents what a scheme can leave out, and what applies then.
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
  /** In seconds: how long the token is valid at least. */
  readonly ttl: number;
  /** In seconds: `exp` moves in steps of this length. `exp - (ttl + step)` is never in the future. */
  readonly step: number;
}

/** A secret, with or without its end. */
export type OneSecret<Secret, Extra = unknown> =
  | Secret
  | ({
      /** The secret itself. */
      readonly value: Secret;
      /**
       * When it ends. No URL is valid for longer, and a function is called again before.
       * @default never
       */
      readonly expiration?: Date | undefined;
    } & Extra);

/** What a function returns as a secret. */
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
 * A secret; a list, of which the first signs and all verify; or a function that returns either. The function can be
 * asynchronous. It is called before the first URL is signed, then every five minutes, or before the secret ends. While it
 * fails, the last secret stays in use until its end.
 */
export type SecretOption<Secret, Extra = unknown> =
  | OneSecret<Secret, Extra>
  | readonly OneSecret<Secret, Extra>[]
  | (() => SecretAnswer<Secret, Extra> | PromiseLike<SecretAnswer<Secret, Extra>>);

/** What `sign` of an app's scheme receives with the URL. */
export interface SecretTerms<Secret> extends SignTerms {
  /** In Unix seconds, for schemes that sign it: `exp - (ttl + step)`, which is never in the future. */
  readonly issuedAt: number;
  /** The newest secret of the option `secret`; undefined without that option. */
  readonly secret: Secret;
}

/** The parts of a URL under a base, without a fragment. */
export interface UrlParts {
  /** The whole URL. Its host may be in capitals, and `https:` may be missing. */
  readonly url: string;
  /** Scheme and host, in lower case. A URL without a scheme has its base's. Empty if the base is a path. */
  readonly origin: string;
  /** The whole path, including the base's, percent-encoded. */
  readonly path: string;
  /** Without the `?`; empty if there is none. */
  readonly query: string;
  /** The path after the base, percent-decoded: the image's name in its store. */
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

/** What a scheme finds in a URL: the image id, and whatever else `authorize` should receive. */
export interface MatchedImage {
  /**
   * The image's name in its store, percent-decoded, such as `'uploads/a.jpg'`. It can contain any character: look it up, and
   * never build a path or URL from it.
   */
  readonly id: string;
}

/**
 * The image that a URL names. `authorize` receives it, and `verifyImage` returns it. Schemes may add members.
 * @typeParam Name - the scheme's name, which tells the images of several schemes apart
 * @example
 * ```ts
 * const mayView = (image: DeliveryImage | SchemeImage<'s3'>): boolean =>
 *   image.scheme === 's3' ? image.id.startsWith('uploads/') : image.variant === 'thumb';
 * ```
 */
export interface SchemeImage<Name extends string = string> extends MatchedImage {
  /** The URL without a token, such as `'https://photos.s3.eu-central-1.amazonaws.com/uploads/a.jpg'`. */
  readonly url: string;
  /** The base of the URL, as written in the options. */
  readonly base: string;
  /** The name of the scheme: `'s3'`. Without the option `scheme` it is `'cloudflare-images'`. */
  readonly scheme: Name;
}

/** An image with everything that `match` finds. It omits the members of every image, so that editors show a short type. */
export type FoundImage<Name extends string, Found> =
  SchemeImage<Name> extends Found ? SchemeImage<Name> : SchemeImage<Name> & Found;

/** An entry of the option `from` whose URLs carry another store's tokens. */
export interface StoredBase {
  /** Such as `'https://abc.supabase.co/storage/v1/object/sign/photos'`. */
  readonly base: string;
  /** The names of that store's token parameters, such as `['token']`. They are removed. */
  readonly token: string | readonly string[];
}

/** Optional facts about a scheme's store. */
export interface SchemeTraits {
  /** In seconds: a token may not be valid for longer. */
  readonly longestLife?: number | undefined;
  /**
   * How many key-pair signatures (RSA, Ed25519) one response may compute; each takes as long as a hundred MACs. Cached
   * signatures don't count. Further URLs stay unsigned and are reported, and the response becomes `no-store`. So a stranger
   * who fills a page with URLs cannot keep the server busy.
   * @default no limit
   */
  readonly maxSignatures?: number | undefined;
  /**
   * Whether the server that delivers the images decodes paths more than once, merges slashes, or builds URLs from decoded
   * names. Then names with `#`, `?`, `^`, `%` before two hexadecimal digits or an empty segment are not signed, because they
   * could change on the way. Under a base that is a path, they are never signed.
   * @default false
   */
  readonly plainNames?: boolean | undefined;
  /**
   * Whether the store reads a parameter of this name, so that a token must not be valid for another value of it. Only
   * `checkScheme` calls this.
   * @default the store reads every parameter
   */
  readonly readsParameter?: ((name: string) => boolean) | undefined;
}

/** A secret that ends, or that an app's function returns, which can be asynchronous. */
export interface FetchedSecret {
  /** Changes whenever the secret does: cached URLs are then signed again. */
  readonly generation: number;
  /** In Unix seconds: no token may outlive the secret. `Infinity` if it does not end, 0 if there is none yet. */
  readonly endsAt: number;
  /**
   * Fetches the secret if that is due. It never rejects.
   * @param now - in Unix seconds
   * @returns a promise as long as there is no secret yet
   */
  refresh(now: number): Promise<void> | undefined;
  /** Why there is no secret yet; undefined if there is one. */
  readonly failure: unknown;
  /** In seconds: how long a failed function is not called again. */
  readonly pause: number;
  /** Reports failures to a listener, even while there is a secret. */
  listen(onFailure: (error: unknown) => void): void;
}

/** A scheme's secrets, as a signer sees them. */
export interface WatchedSecrets {
  /** Undefined for fixed secrets that do not end. */
  readonly lifetime: FetchedSecret | undefined;
  /** The app's function that returns them; undefined for fixed secrets. Two signers with the same function sign alike. */
  readonly source: unknown;
  /** Differs where tokens do, and is not secret. */
  readonly fingerprint: string;
}

/** The policy of one variant in the option `variants`. */
export interface VariantRules {
  readonly name: string;
  /** In seconds; undefined: that of the signer. */
  readonly ttl: number | undefined;
  readonly alwaysPublic: boolean;
  readonly width: number | undefined;
  /** How a delivery renders the image. It has no effect on tokens. */
  readonly picture: PicturePolicy;
}

/** How an image is fitted into a variant's width and height, in Cloudflare's words. */
export type PictureFit = 'scale-down' | 'contain' | 'cover' | 'crop' | 'pad';

/** Which metadata an image keeps, in Cloudflare's words. */
export type Metadata = 'keep' | 'copyright' | 'none';

/** How the images of a variant are rendered. */
export interface PicturePolicy {
  readonly fit: PictureFit;
  /** In pixels. If undefined, it follows from the height, or is the original's. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** From 1 to 250; undefined for no blur. */
  readonly blur: number | undefined;
  readonly metadata: Metadata;
}

/** The variants of a store whose URLs name one. */
export interface Variants {
  /** A map, so that `constructor` is a variant only if it is listed. */
  readonly rules: ReadonlyMap<string, VariantRules>;
  /** The name of the variant in a URL of the store, percent-decoded. */
  nameIn(url: string): string;
  /** The URL of an image in another variant; everything else stays as written. */
  replace(url: string, variant: string): string;
  /**
   * The URL of an image id, which is plain text.
   * @returns undefined for an id that a path cannot contain
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
  /** For `encoded-path`: the image id as plain text, for `signImage`. */
  readonly id?: string;
  /** For `not-under-delivery`: the entry of the option `delivery` that would match. */
  readonly delivery?: string;
}

/** Finds out why a URL that looks like the store's is not signed. */
export interface Unmatching {
  /** The longest run of letters and digits that every such URL contains. */
  readonly literal: string;
  explain(text: string): Unmatched;
}

/** What a built-in scheme's `match` finds. */
export type Match<Image extends MatchedImage> =
  | (Image & { readonly variant?: string })
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed'
  | undefined;

/** With the index of the key in the list of keys, if there is one. */
export type TokenResult = TokenVerification & { readonly keyIndex?: number };

/** A scheme as the package knows it. */
export interface Definition<Image extends MatchedImage = MatchedImage> extends SchemeTraits {
  readonly name: string;
  /** The first is used for ids. */
  readonly bases: readonly Base[];
  readonly from?: readonly FromBase[] | undefined;
  /** Everything that decides a token, except its secrets. Caches and entity tags depend on it. */
  readonly fingerprint: string;
  match(url: string, place: UrlPlace): Match<Image>;
  /** @returns the URL without a token */
  strip(url: string, place?: UrlPlace): string;
  /** @param place - of a URL that was read before; otherwise the scheme finds it */
  sign(url: string, terms: SignTerms, place?: UrlPlace): string;
  readonly verify?: ((url: string, now: number, place?: UrlPlace) => TokenResult) | undefined;
  /** Whether an app wrote the functions. Their results are not trusted. */
  readonly isForeign?: boolean | undefined;
  /** Whether `match` is an allowlist. If not, `authorize` is required: anyone can write a URL into a comment. */
  readonly isLimited: boolean;
  /** The beginnings of ids that are signed. Only a diagnosis reads them. */
  readonly prefixes?: readonly string[] | undefined;
  /** Why `authorize` cannot limit what a token opens; undefined if it can. */
  readonly opensMore?: string | undefined;
  /** Undefined if the scheme's own functions hold a secret that never changes. */
  readonly secrets?: WatchedSecrets | undefined;
  /** Whether a token has only a time of issue, and the store sets the lifetime: then no call can ask for a longer one. */
  readonly hasFixedLife?: boolean | undefined;
  /** Whether `match` reads paths itself, with encoded slashes and empty segments, because a path can contain a URL. */
  readonly hasFreePath?: boolean | undefined;
  /** Reads a URL by the store's own rules, which do not name what they refuse. By default, `written-url.ts` reads it. */
  read?(text: string, bases: readonly Base[]): WrittenUrl | 'unreadable' | undefined;
  /** Undefined for a store without variants. */
  readonly variants?: Variants;
  /** The bases under which a guard reads request targets, which have no host. By default, the bases that are paths. */
  readonly guardBases?: readonly Base[];
  /** The path that is signed, for a store that signs something else than the path after the base. */
  signedPath?(url: string, place: UrlPlace): string;
  /** A short digest of a text under the secret. By default, the fingerprint is used instead. */
  shortMac?(text: string): string;
  readonly unmatching?: Unmatching;
  /** Whether a parameter of this name belongs to a token; undefined if a token may stand elsewhere than in the query. */
  isTokenParameter?(name: string): boolean;
  /** The prefix of a first path segment, directly after the host, that is a token. */
  readonly tokenSegment?: string;
  /** Why `match` refuses the object's name; undefined if the name is all right. */
  readonly nameProblem?: ((url: string, place: UrlPlace) => NameProblem | undefined) | undefined;
  /** Percent-encodes a segment of an image id as the store's own library does; as `URL` does by default. */
  readonly encodeSegment?: ((text: string) => string) | undefined;
  /** Whether a parameter that is not the token's is signed. Others are removed. If undefined, all are signed. */
  readonly signsParameter?: ((name: string) => boolean) | undefined;
}

const schemeSymbol: unique symbol = Symbol.for('image-signer.scheme.1') as never;

/**
 * Signs and verifies the URLs of one private image store. The functions of `image-signer/schemes` return schemes.
 * @typeParam Image - what `authorize` receives, and `verifyImage` returns
 */
export interface Scheme<Image extends SchemeImage = SchemeImage> {
  /** Such as `'s3'`. */
  readonly name: string;
  /** Only for the compiler: what `authorize` receives. */
  readonly image?: Image;
  /**
   * Every scheme has it. Functions have a name, too: without this member the compiler would accept `s3` itself as a scheme.
   * @hidden
   */
  readonly [schemeSymbol]: unknown;
}

/**
 * @typeParam Matched - what `match` finds
 * @typeParam Name - the scheme's name, as a literal
 */
export function createScheme<Matched extends MatchedImage, Name extends string>(
  definition: Definition<Matched> & { readonly name: Name },
): Scheme<FoundImage<Name, Matched>> {
  // Not enumerable: a printed scheme shows only its name.
  const scheme = Object.defineProperty({ name: definition.name }, schemeSymbol, { value: definition });
  return scheme as typeof scheme & { readonly [schemeSymbol]: unknown }; // set in the line above
}

/** @returns undefined for anything but a scheme */
export function definitionOf(value: unknown): Definition | undefined {
  const definition: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, schemeSymbol) : undefined;
  return definition === undefined ? undefined : (definition as Definition); // only `createScheme` sets this symbol
}
