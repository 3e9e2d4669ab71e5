/** The URL of an image of a scheme that `sign` and `match` describe. */
import type { EpochSeconds, ExpiryPolicy } from '../signing/expiry.ts';
import type { BoundScheme, DeliveryImage, ResolvedImage, TokenResult, UrlPolicy } from './bound.ts';
import type { CompleteDefinition, MatchedImage } from './definition.ts';
import { signUrl, stripUrl, verificationFrom } from './scheme-results.ts';
import type { WrittenUrl } from './written-url.ts';

export class DefinedImage implements ResolvedImage {
  readonly scheme: BoundScheme;
  readonly policy: UrlPolicy;
  readonly #definition: CompleteDefinition;
  readonly #written: WrittenUrl;
  readonly #found: MatchedImage;
  readonly #withoutToken: string;

  /**
   * @param found - what `match` has returned
   * @throws ImageSignerError SCHEME_FAILED
   */
  constructor(
    scheme: BoundScheme,
    definition: CompleteDefinition,
    policy: UrlPolicy,
    written: WrittenUrl,
    found: MatchedImage,
  ) {
    this.scheme = scheme;
    this.policy = policy;
    this.#definition = definition;
    this.#written = written;
    this.#found = found;
    this.#withoutToken = stripUrl(definition, written);
  }

  /** With the name of the scheme: the key of an image at Cloudflare Images may look like a URL that begins with `/`. */
  get key(): string {
    return `${this.#definition.name} ${this.#withoutToken}`;
  }

  get path(): string {
    const url = this.#withoutToken;
    const question = url.indexOf('?');
    return url.slice(this.#written.place.path, question < 0 ? url.length : question);
  }

  get bare(): string {
    const { text, url, fragment } = this.#written;
    return this.#withoutToken === url ? text : this.#withoutToken + fragment;
  }

  get canonical(): string {
    return this.#withoutToken + this.#written.fragment;
  }

  image(): DeliveryImage {
    const { base } = this.#written;
    return { ...this.#found, url: this.bare, base: base.text } as unknown as DeliveryImage; // as the scheme's types say
  }

  sign(exp: EpochSeconds, { ttl, step }: ExpiryPolicy = this.policy): string {
    const url = signUrl(this.#definition, this.#written, this.#withoutToken, { exp, ttl, step });
    return url + this.#written.fragment;
  }

  verify(now: EpochSeconds): TokenResult {
    return verificationFrom(now, () => this.#definition.verify?.(this.#written.url, now));
  }

  /** There are no variants: the viewer gets the URL without a token. */
  inVariant(): string {
    return this.bare;
  }
}
