/**
 * Signs images at a given instant, and caches the URLs: for a page that comes again within a step, no MAC is computed. It
 * remembers URLs with an expiry of their own. It knows no page, no viewer and no clock.
 */
import { LF } from '../ascii.ts';
import { ImageSignerError } from '../errors.ts';
import { maxUrlLength } from '../limits.ts';
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme, ResolvedImage, UrlPolicy } from '../schemes/bound.ts';
import { matchDelivery } from '../schemes/cloudflare-images/delivery-url.ts';
import { urlOfId, withVariant } from '../schemes/cloudflare-images/image.ts';
import { CloudflareScheme } from '../schemes/cloudflare-images/scheme.ts';
import { urlOfPath } from '../schemes/written-url.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { isAbsolute } from '../url/canonical.ts';
import { redactUrl } from '../url/redacted-url.ts';
import { asName, describe, printableName } from '../validation/message.ts';
import { CustomExpiries } from './custom-expiries.ts';
import { resolve } from './resolve.ts';
import { type CallName, readCandidates, type Validity } from './sign-options.ts';
import { SignedUrlCache } from './signed-url-cache.ts';
import { termsOf } from './terms.ts';

export interface SignedUrl {
  readonly url: string;
  readonly policy: UrlPolicy;
  /** Undefined for an always public variant, whose URL never expires. */
  readonly exp: EpochSeconds | undefined;
}

interface CachedUrl extends SignedUrl {
  readonly scheme: BoundScheme;
}

/** An image candidate string of a `srcset`. */
export interface SignedCandidate extends SignedUrl {
  readonly descriptor: string;
}

/** A message shows no more of a URL. */
const maxShownUrl = 256;

export class ImageUrls {
  readonly #configuration: Configuration;
  readonly #cache: SignedUrlCache<CachedUrl>;
  readonly #custom: CustomExpiries = new CustomExpiries();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#cache = new SignedUrlCache(configuration.schemes);
  }

  /**
   * @param image - delivery URL or image id
   * @param validity - of the call; undefined for that of the variant
   * @param call - for error messages
   * @throws ImageSignerError
   */
  sign(
    image: string,
    variant: string | undefined,
    validity: Validity | undefined,
    now: EpochSeconds,
    call: CallName = 'signImage',
  ): SignedUrl {
    const key = validity === undefined ? cacheKeyOf(image, variant) : undefined;
    const cached = key === undefined ? undefined : this.#cache.get(key, now);
    if (cached !== undefined) return cached;
    const signed = this.#computeUrl(image, variant, validity, now, call);
    if (key !== undefined) this.#cache.set(key, signed);
    if (validity !== undefined && signed.exp !== undefined) this.#custom.add(signed.url, signed.exp);
    return signed;
  }

  /** The expiry of a valid URL that was given out, in exactly this text, with a ttl or expiry of its own. */
  customExpiry(url: string, now: EpochSeconds): EpochSeconds | undefined {
    return this.#custom.get(url, now);
  }

  /** The signed URL that `sign` would return, if it is cached. */
  cached(url: string, now: EpochSeconds): string | undefined {
    const key = cacheKeyOf(url, undefined);
    const cached = key === undefined ? undefined : this.#cache.get(key, now);
    // A public URL in a page keeps its spelling; `sign` would return the canonical one.
    return cached?.exp === undefined ? undefined : cached.url;
  }

  /** @throws ImageSignerError */
  signCandidates(
    image: string,
    candidates: unknown,
    validity: Validity | undefined,
    now: EpochSeconds,
  ): SignedCandidate[] {
    const pairs = readCandidates(candidates, this.#configuration.variants);
    if (pairs.length === 0) {
      throw new ImageSignerError(
        'VARIANT_REQUIRED',
        'signSrcset expected candidates, or variants that have a width and are signed. Such as variants: { thumb: { width: 320 } }.',
      );
    }
    return pairs.map(([variant, descriptor]) => {
      const signed = this.sign(image, variant, validity, now, 'signSrcset');
      const url = asCandidate(signed.url);
      if (validity !== undefined && signed.exp !== undefined) this.#custom.add(url, signed.exp);
      return { ...signed, url, descriptor };
    });
  }

  #computeUrl(
    image: string,
    variant: string | undefined,
    validity: Validity | undefined,
    now: EpochSeconds,
    call: CallName,
  ): CachedUrl {
    const resolved = this.#resolve(image, variant, call);
    const { policy, scheme } = resolved;
    if (policy.alwaysPublic) return { url: resolved.canonical, policy, scheme, exp: undefined };
    const { exp, life } = termsOf(resolved, validity, now, this.#configuration.stableFor);
    const url = resolved.sign(exp, life);
    if (url.length > maxUrlLength)
      throw notADeliveryUrl(call, image, 'which is too long for a server once it is signed');
    return { url, policy, scheme, exp };
  }

  #resolve(image: unknown, variant: unknown, call: CallName): ResolvedImage {
    // First, so that a mistake in a template throws whatever the data is.
    if (variant !== undefined) this.#checkVariant(variant, call);
    if (typeof image !== 'string') throw notADeliveryUrl(call, image, 'which is not text');
    const text = isUrl(image) ? this.#replaceVariant(image, variant) : this.#urlOfId(image, variant, call);
    const resolved = resolve(text, this.#configuration);
    if (typeof resolved === 'object') return resolved;
    if (resolved === 'account-not-allowed') {
      throw new ImageSignerError(
        'ACCOUNT_NOT_ALLOWED',
        `${call} expected an image of an account that \`accountHash\` names, got ${quoted(image)}. Add the account, or leave the URL unsigned.`,
      );
    }
    if (resolved === 'variant-not-allowed') {
      throw new ImageSignerError(
        'VARIANT_NOT_ALLOWED',
        `${call} expected one of the variants ${this.#variantNames} in the URL, got ${this.#variantOf(image)}. Add the variant to \`variants\`, or pass one of the list as the second argument.`,
      );
    }
    if (resolved === 'scheme-failed') {
      throw new ImageSignerError(
        'SCHEME_FAILED',
        `${call} expected the scheme to return { id } or undefined from \`match\`, and a URL under the same base from \`strip\`, for ${quoted(image)}. checkScheme of image-signer/testing tells more.`,
      );
    }
    throw notADeliveryUrl(
      call,
      image,
      this.#configuration.cloudflare === undefined
        ? 'which is under no base of the scheme, or that it does not sign'
        : 'which is under no base of `delivery`, or is not <base>/<account hash>/<image id>/<variant> in its one spelling',
    );
  }

  #checkVariant(variant: unknown, call: CallName): asserts variant is string {
    if (this.#configuration.cloudflare === undefined) {
      throw new ImageSignerError(
        'VARIANT_NOT_ALLOWED',
        `${call} expected no variant, since the scheme has none, got ${describe(variant, asName)}. Leave it out, or pass options.`,
      );
    }
    if (typeof variant === 'string' && this.#configuration.variants.has(variant)) return;
    const hint = call === 'signImage' ? "leave it out to keep the URL's own" : 'take the candidate out';
    throw new ImageSignerError(
      'VARIANT_NOT_ALLOWED',
      `${call} expected one of the variants ${this.#variantNames}, got ${describe(variant, asName)}. Add the variant to \`variants\`, or ${hint}.`,
    );
  }

  get #variantNames(): string {
    return [...this.#configuration.variants.keys()].map(printableName).join(', ');
  }

  #variantOf(url: string): string {
    const match = matchDelivery(url, this.#configuration.cloudflare?.bases ?? []);
    return typeof match === 'object' ? describe(match.variant, asName) : 'another';
  }

  #replaceVariant(url: string, variant: string | undefined): string {
    if (variant === undefined || url.length > maxUrlLength) return url;
    const match = matchDelivery(url, this.#configuration.cloudflare?.bases ?? []);
    return typeof match === 'object' ? withVariant(match, variant) : url;
  }

  #urlOfId(id: string, variant: string | undefined, call: CallName): string {
    if (id === '' || id.length > maxUrlLength || isAbsolute(id))
      throw notADeliveryUrl(call, id, 'which is not an image id');
    const [first] = this.#configuration.schemes;
    if (!(first instanceof CloudflareScheme))
      return this.#encoded(id, urlOfPath(id, first!.servingBase), call);
    const { servingAccount, servingBase } = first.configuration;
    if (servingAccount === undefined) {
      throw new ImageSignerError(
        'ACCOUNT_REQUIRED',
        `${call} by image id expected the option \`accountHash\`. Set it, or pass a delivery URL.`,
      );
    }
    if (variant === undefined) {
      throw new ImageSignerError(
        'VARIANT_REQUIRED',
        `${call} by image id expected a variant as the second argument.`,
      );
    }
    return this.#encoded(id, urlOfId(id, servingAccount, variant, servingBase), call);
  }

  #encoded(id: string, url: string | undefined, call: CallName): string {
    if (url === undefined)
      throw notADeliveryUrl(
        call,
        id,
        'which no path can hold: an empty or dot segment, a backslash, ?, #, ^, a control character, or text that is percent-encoded already',
      );
    return url;
  }
}

/** The value of a `srcset`. */
export function srcsetOf(candidates: readonly SignedCandidate[]): string {
  return candidates.map(({ url, descriptor }) => `${url} ${descriptor}`).join(', ');
}

/** The line feeds keep keys apart: no signed image and no variant contains one. */
function cacheKeyOf(image: unknown, variant: unknown): string | undefined {
  if (typeof image !== 'string' || image.charCodeAt(0) === LF) return undefined;
  if (variant === undefined) return image;
  return typeof variant === 'string' ? `\n${variant}\n${image}` : undefined;
}

/** A delivery URL contains `://` or begins with `/`; any other text is an image id. */
function isUrl(image: string): boolean {
  return image.includes('://') || image.startsWith('/');
}

/** A space or a final comma, in a fragment or in the query of a public URL, would end the image candidate string. */
function asCandidate(url: string): string {
  return url.replaceAll(' ', '%20').replace(/,$/, '%2C');
}

function notADeliveryUrl(call: CallName, image: unknown, why: string): ImageSignerError {
  const got = typeof image === 'string' ? quoted(image) : describe(image);
  return new ImageSignerError(
    'NOT_A_DELIVERY_URL',
    `${call} expected a delivery URL or an image id, got ${got}, ${why}.`,
  );
}

function quoted(url: string): string {
  return `'${redactUrl(url, maxShownUrl)}'`;
}
