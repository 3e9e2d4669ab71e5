/** The URL of an image of a scheme that `sign` and `match` describe. What the scheme returns is not trusted. */
import { ImageSignerError } from '../errors.ts';
import type { EpochSeconds, ExpiryPolicy } from '../signing/expiry.ts';
import type { BoundScheme, DeliveryImage, ResolvedImage, TokenResult, UrlPolicy } from './bound.ts';
import type { CompleteDefinition, MatchedImage, TokenVerification } from './definition.ts';
import type { WrittenUrl } from './written-url.ts';

export class DefinedImage implements ResolvedImage {
  readonly scheme: BoundScheme;
  readonly policy: UrlPolicy;
  readonly #definition: CompleteDefinition;
  readonly #written: WrittenUrl;
  readonly #found: MatchedImage;
  #stripped: string | undefined;

  /** @param found - what `match` has returned */
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
  }

  get key(): string {
    return this.#withoutToken;
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
    const url = this.#checked(this.#definition.sign(this.#withoutToken, { exp, ttl, step }), 'sign');
    return url + this.#written.fragment;
  }

  verify(now: EpochSeconds): TokenResult {
    let result: TokenVerification | undefined;
    try {
      result = this.#definition.verify?.(this.#written.url, now);
    } catch {}
    if (result?.ok === true && Number.isFinite(result.expiresAt) && now < result.expiresAt)
      return { ok: true, expiresAt: result.expiresAt, keyIndex: 0 };
    return { ok: false, reason: result?.ok === false ? result.reason : 'bad-signature' };
  }

  /** There are no variants: the viewer gets the URL without a token. */
  inVariant(): string {
    return this.bare;
  }

  get #withoutToken(): string {
    this.#stripped ??= this.#checked(this.#definition.strip(this.#written.url), 'strip');
    return this.#stripped;
  }

  /**
   * The URL goes into pages, where another character could end an attribute, and a foreign host would get the visitors.
   * @throws ImageSignerError SCHEME_FAILED
   */
  #checked(url: unknown, call: string): string {
    const { url: given, place } = this.#written;
    if (typeof url === 'string' && url.startsWith(given.slice(0, place.path + 1)) && isUrlText(url))
      return url;
    throw new ImageSignerError(
      'SCHEME_FAILED',
      `${call} of the scheme ${this.#definition.name} expected to return a URL under the same base, in ASCII and without a fragment. checkScheme of image-signer/testing tells more.`,
    );
  }
}

/** Whether a text consists of characters that a URL is written in, without a fragment: RFC 3986, and `|`, `[`, `]`, `^`. */
function isUrlText(text: string): boolean {
  return /^[!$-;=?-[\]_a-z|~]*$/.test(text);
}
