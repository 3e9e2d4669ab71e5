/**
 * The URL of an image that may be signed: the image it names, how long its tokens live, the URL without a token, and how it
 * is signed and verified.
 */
import { type EpochSeconds, type ExpiryTerms, stepOf } from '../signing/expiry.ts';
import type { Definition, MatchedImage, SchemeImage, TokenFailure, VariantRules } from './definition.ts';
import { asText, type WrittenUrl } from './written-url.ts';

/** Why a URL under a base may not be signed. */
export type ResolveFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed';

export type VerifiedToken =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };

/** How long the tokens of an image live. */
export interface UrlLifetime extends ExpiryTerms {
  /** Its URLs carry no token. */
  readonly alwaysPublic: boolean;
}

/** A variant with the times in force for it, in seconds. */
export type Variant = Omit<VariantRules, 'ttl'> & UrlLifetime;

/** The times of a signer's tokens, in seconds. */
export interface Times {
  readonly ttl: number;
  /** Undefined: a quarter of the ttl in force. */
  readonly stableFor?: number | undefined;
}

/** The lifetime of an image without a variant. */
export function lifetimeOf({ ttl, stableFor }: Times): UrlLifetime {
  return { ttl, step: stepOf(ttl, stableFor), alwaysPublic: false };
}

/** Empty for a store without variants. A map, so that `constructor` is a variant only if it is listed. */
export function variantsOf(
  { variants }: Definition,
  { ttl, stableFor }: Times,
): ReadonlyMap<string, Variant> {
  const all = new Map<string, Variant>();
  for (const [name, rules] of variants?.rules ?? []) {
    const own = rules.ttl ?? ttl;
    all.set(name, { ...rules, ttl: own, step: stepOf(own, stableFor) });
  }
  return all;
}

/** The parts of its scheme that an image uses. */
interface Owner {
  readonly definition: Definition;
  readonly name: string;
  readonly hasVariants: boolean;
  strip(url: string, written: WrittenUrl): string;
}

/** The URL of an image that may be signed. */
export class ImageOf<Scheme extends Owner> {
  readonly scheme: Scheme;
  readonly lifetime: UrlLifetime;
  // Not private: every URL of a page has such an object, and V8 takes longer to set up private fields.
  readonly written: WrittenUrl;
  readonly found: MatchedImage;
  readonly withoutToken: string;
  /** The names of the parameters that signing removes; undefined if there are none. */
  readonly unsignedParameters: readonly string[] | undefined;

  /**
   * @param written - the URL as it was found
   * @param url - the URL without the parameters that are not signed
   * @param found - the result of `match`
   * @throws if the scheme fails
   */
  constructor(
    scheme: Scheme,
    lifetime: UrlLifetime,
    written: WrittenUrl,
    url: string,
    removed: readonly string[] | undefined,
    found: MatchedImage,
  ) {
    this.scheme = scheme;
    this.lifetime = lifetime;
    this.written = written;
    this.found = found;
    this.withoutToken = scheme.strip(url, written);
    this.unsignedParameters = removed;
  }

  /**
   * The same for all URLs of this image and variant under one base: `authorize` is called once per key. In a store without
   * variants, the whole URL is the key.
   */
  get key(): string {
    const { base } = this.written.place;
    return `${this.scheme.name} ${this.scheme.hasVariants ? `${base.text} ${this.path}` : this.withoutToken}`;
  }

  /** The path after the base in the signed URL, percent-encoded. */
  get path(): string {
    const { place } = this.written;
    const url = this.withoutToken;
    const question = url.indexOf('?');
    return (
      this.scheme.definition.signedPath?.(url, place) ??
      url.slice(place.path, question < 0 ? url.length : question)
    );
  }

  /** As it was found, but under the scheme's own base if it was found under `from`. */
  get text(): string {
    return this.written.text;
  }

  /** The URL without a token; the rest as written. */
  get bare(): string {
    const written = this.written;
    // A URL that is sent without a token keeps its parameters.
    const bare =
      this.unsignedParameters === undefined ? this.withoutToken : this.scheme.strip(written.url, written);
    return asText(written, bare);
  }

  /** The URL without a token, as it would be signed. */
  get canonical(): string {
    return this.withoutToken + this.written.fragment;
  }

  /** What `authorize` receives; computed only when it is needed. */
  image(): SchemeImage {
    const { base } = this.written.place;
    const url = this.unsignedParameters === undefined ? this.bare : this.canonical;
    return { ...this.found, url, base: base.text, scheme: this.scheme.name };
  }

  /**
   * @param life - in seconds: how long before `exp` the token can begin; the image's ttl and step by default
   * @throws if the scheme fails
   */
  sign(exp: EpochSeconds, { ttl, step }: ExpiryTerms = this.lifetime): string {
    const { place, fragment } = this.written;
    return this.scheme.definition.sign(this.withoutToken, { exp, ttl, step }, place) + fragment;
  }

  verify(now: EpochSeconds): VerifiedToken {
    const { url, place } = this.written;
    try {
      const result = this.scheme.definition.verify?.(url, now, place);
      // The URL has parameters that we would remove, so we did not sign this token.
      if (result?.ok === true && this.unsignedParameters === undefined) return { keyIndex: 0, ...result };
      if (result?.ok === false) return result;
    } catch {}
    return { ok: false, reason: 'bad-signature' };
  }

  /** The URL without a token in an always public variant, or in its own variant if the scheme has no such variant. */
  inPublicVariant(variant: string): string {
    const { variants } = this.scheme.definition;
    return variants?.rules.get(variant)?.alwaysPublic ? variants.replace(this.bare, variant) : this.bare;
  }
}
