/** The URL of an image of a scheme that `sign` and `match` describe. */
import type { EpochSeconds, ExpiryPolicy } from '../signing/expiry.ts';
import type { BoundScheme, DeliveryImage, ResolvedImage, TokenResult, UrlPolicy } from './bound.ts';
import type { CompleteDefinition, MatchedImage } from './definition.ts';
import { signUrl, stripUrl, verificationFrom } from './scheme-results.ts';
import type { WrittenUrl } from './written-url.ts';

/** What of a URL is signed. */
export interface SignableUrl {
  readonly url: string;
  /** The names of the parameters that it has lost; undefined if it has lost none. */
  readonly removed: readonly string[] | undefined;
}

export class DefinedImage implements ResolvedImage {
  readonly scheme: BoundScheme;
  readonly policy: UrlPolicy;
  readonly #definition: CompleteDefinition;
  readonly #written: WrittenUrl;
  readonly #found: MatchedImage;
  readonly #withoutToken: string;
  readonly unsignedParameters?: readonly string[];

  /**
   * @param written - the URL as it was found
   * @param signable - the URL without the parameters that are not signed
   * @param found - what `match` has returned for it
   * @throws ImageSignerError SCHEME_FAILED
   */
  constructor(
    scheme: BoundScheme,
    definition: CompleteDefinition,
    policy: UrlPolicy,
    written: WrittenUrl,
    signable: SignableUrl,
    found: MatchedImage,
  ) {
    this.scheme = scheme;
    this.policy = policy;
    this.#definition = definition;
    this.#written = written;
    this.#found = found;
    this.#withoutToken = stripUrl(definition, { ...written, url: signable.url });
    if (signable.removed !== undefined) this.unsignedParameters = signable.removed;
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
    // What goes out without a token keeps its parameters.
    const bare =
      this.unsignedParameters === undefined ? this.#withoutToken : stripUrl(this.#definition, this.#written);
    return bare === url ? text : bare + fragment;
  }

  get canonical(): string {
    return this.#withoutToken + this.#written.fragment;
  }

  image(): DeliveryImage {
    const { base } = this.#written;
    const url = this.unsignedParameters === undefined ? this.bare : this.canonical;
    return { ...this.#found, url, base: base.text } as unknown as DeliveryImage; // as the scheme's types say
  }

  sign(exp: EpochSeconds, { ttl, step }: ExpiryPolicy = this.policy): string {
    const url = signUrl(this.#definition, this.#written, this.#withoutToken, { exp, ttl, step });
    return url + this.#written.fragment;
  }

  verify(now: EpochSeconds): TokenResult {
    const result = verificationFrom(now, () => this.#definition.verify?.(this.#written.url, now));
    // Whoever has made this token, it was not for what would be signed here.
    return result.ok && this.unsignedParameters !== undefined
      ? { ok: false, reason: 'bad-signature' }
      : result;
  }

  /** There are no variants: the viewer gets the URL without a token. */
  inVariant(): string {
    return this.bare;
  }
}
