/** One URL of an image that may be signed: how it reads without a token, signs and verifies. */
import type { EpochSeconds, ExpiryTerms } from '../signing/expiry.ts';
import type { SchemeFunctions } from './app-functions.ts';
import { asText } from './bare-url.ts';
import type { Definition, MatchedImage } from './definition.ts';
import type { DeliveryImage, VerifiedToken } from './delivery-image.ts';
import type { UrlLifetime } from './lifetimes.ts';
import type { WrittenUrl } from './written-url.ts';

/** What it asks of its scheme. */
interface Owner {
  readonly definition: Definition;
  readonly functions: SchemeFunctions;
  readonly name: string;
  readonly hasVariants: boolean;
  strip(url: string, written: WrittenUrl): string;
}

/** The URL of an image that may be signed. */
export class ImageOf<Scheme extends Owner> {
  readonly scheme: Scheme;
  readonly lifetime: UrlLifetime;
  // Not private: there is one object for each URL of a page, and V8 takes longer to set private fields up.
  readonly written: WrittenUrl;
  readonly found: MatchedImage;
  readonly withoutToken: string;
  /** The names of the parameters that it has, and loses when it is signed; undefined if there are none. */
  readonly unsignedParameters: readonly string[] | undefined;

  /**
   * @param written - the URL as it was found
   * @param url - the URL without the parameters that are not signed
   * @param found - what `match` has returned for it
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
   * All URLs of this image and variant have this key: `authorize` is asked once for it. Where the path alone does not name
   * both, the name of the scheme and the whole URL do: a path begins with `/`.
   */
  get key(): string {
    return this.scheme.hasVariants ? this.path : `${this.scheme.name} ${this.withoutToken}`;
  }

  /** What follows the base in the URL that is signed, percent-encoded. */
  get path(): string {
    const { place } = this.written;
    const url = this.withoutToken;
    const question = url.indexOf('?');
    return (
      this.scheme.definition.signedPath?.(url, place) ??
      url.slice(place.path, question < 0 ? url.length : question)
    );
  }

  /** As it was found, but under the scheme's own base where it was found under one of `from`. */
  get text(): string {
    return this.written.text;
  }

  /** The URL without a token; the rest as written. */
  get bare(): string {
    const written = this.written;
    // What goes out without a token keeps its parameters.
    const bare =
      this.unsignedParameters === undefined ? this.withoutToken : this.scheme.strip(written.url, written);
    return asText(written, bare);
  }

  /** The URL without a token, as it would be signed. */
  get canonical(): string {
    return this.withoutToken + this.written.fragment;
  }

  /** Computed only if it is asked for. */
  image(): DeliveryImage {
    const { base } = this.written.place;
    const url = this.unsignedParameters === undefined ? this.bare : this.canonical;
    return { ...this.found, url, base: base.text } as unknown as DeliveryImage; // as the scheme's types say
  }

  /**
   * @param life - in seconds: how long before `exp` the token begins at most; the image's ttl and step by default
   * @throws if the scheme fails
   */
  sign(exp: EpochSeconds, { ttl, step }: ExpiryTerms = this.lifetime): string {
    const { place, fragment } = this.written;
    return this.scheme.functions.sign(this.withoutToken, { exp, ttl, step }, place) + fragment;
  }

  verify(now: EpochSeconds): VerifiedToken {
    const { url, place } = this.written;
    try {
      const result = this.scheme.functions.verify?.(url, now, place);
      // Whoever has made this token, it was not for what would be signed here.
      if (result?.ok === true && this.unsignedParameters === undefined) return { keyIndex: 0, ...result };
      if (result?.ok === false) return result;
    } catch {}
    return { ok: false, reason: 'bad-signature' };
  }

  /** The URL without a token in another variant; everything else stays as written. */
  inVariant(variant: string): string {
    return this.scheme.definition.variants?.replace(this.bare, variant) ?? this.bare;
  }
}
