/** The URL of an image at Cloudflare Images, which may be signed. */
import type { EpochSeconds } from '../../signing/expiry.ts';
import { encodeSegment } from '../../url/canonical.ts';
import type { BoundScheme, DeliveryImage, ResolvedImage, TokenResult } from '../bound.ts';
import type { CloudflareConfiguration, Variant } from './configuration.ts';
import {
  accountHashOf,
  type DeliveryBase,
  type DeliveryMatch,
  imageIdOf,
  signedPathOf,
} from './delivery-url.ts';
import { signMatch, urlWithoutToken } from './sign.ts';
import { withoutToken } from './token.ts';
import { verifyToken } from './verify.ts';

/** The scheme, as its images need it. */
interface CloudflareBound extends BoundScheme {
  readonly configuration: CloudflareConfiguration;
}

export class CloudflareImage implements ResolvedImage {
  readonly match: DeliveryMatch;
  readonly policy: Variant;
  readonly scheme: CloudflareBound;

  constructor(match: DeliveryMatch, variant: Variant, scheme: CloudflareBound) {
    this.match = match;
    this.policy = variant;
    this.scheme = scheme;
  }

  /** It contains account, image and variant. */
  get key(): string {
    return signedPathOf(this.match);
  }

  get path(): string {
    return signedPathOf(this.match);
  }

  get bare(): string {
    return withoutToken(this.match.text, this.match.reference);
  }

  get canonical(): string {
    return urlWithoutToken(this.match);
  }

  image(): DeliveryImage {
    return imageOf(this.match);
  }

  sign(exp: EpochSeconds): string {
    return signMatch(this.match, this.scheme.configuration.keys, exp);
  }

  verify(now: EpochSeconds): TokenResult {
    return verifyToken(this.match, this.scheme.configuration.keys, now);
  }

  inVariant(variant: string): string {
    return withVariant(this.match, variant);
  }
}

export function imageOf(match: DeliveryMatch): DeliveryImage {
  return {
    url: withoutToken(match.text, match.reference),
    base: match.base.text,
    accountHash: accountHashOf(match),
    id: imageIdOf(match),
    variant: match.variant,
  };
}

/** The URL with another variant; everything else stays as written. */
export function withVariant(match: DeliveryMatch, variant: string): string {
  const { text, reference } = match;
  const start = text.lastIndexOf('/', reference.query - 1) + 1;
  return `${text.slice(0, start)}${encodeSegment(variant)}${text.slice(reference.query)}`;
}

/**
 * The delivery URL of an image id, which is plain text and is percent-encoded here.
 * @returns undefined if a segment of the id cannot be encoded (`encodeSegment`)
 */
export function urlOfId(
  id: string,
  account: string,
  variant: string,
  base: DeliveryBase,
): string | undefined {
  const segments = id.split('/').map(encodeSegment);
  if (segments.includes(undefined)) return undefined;
  const prefix = base.accountHash === undefined ? `${base.text}/${account}` : base.text;
  return `${prefix}/${segments.join('/')}/${encodeSegment(variant)}`;
}
