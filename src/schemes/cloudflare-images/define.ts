/** `cloudflareImages`: Cloudflare Images as a scheme, for a site that has another store as well. */
import * as v from 'valibot';
import type { EpochSeconds } from '../../signing/expiry.ts';
import { keyRefresh } from '../../validation/duration.ts';
import type { Times } from '../bound.ts';
import { createScheme, type MatchedImage, type Scheme, type TokenVerification } from '../definition.ts';
import { readSchemeOptions } from '../options.ts';
import { type CloudflareInput, configureCloudflare } from './configuration.ts';
import { accountHash, delivery } from './delivery-option.ts';
import type { CloudflareImage } from './image.ts';
import { key, keysOf } from './key.ts';
import { CloudflareScheme } from './scheme.ts';
import { variants } from './variants.ts';

/** What `authorize` gets of an image at Cloudflare Images. */
export interface CloudflareMatch extends MatchedImage {
  /** The account that the image belongs to, as a delivery URL writes it. */
  readonly accountHash: string;
  /** The name of the variant, percent-decoded. */
  readonly variant: string;
}

const entries = {
  key,
  variants,
  accountHash: v.optional(accountHash),
  delivery: v.optional(delivery, 'https://imagedelivery.net'),
  keyRefresh: v.optional(keyRefresh),
};

/** `match` and `sign` do not depend on times. */
const anyTimes: Times = { ttl: 86_400 };

/** @throws ImageSignerError INVALID_OPTION, with `option` */
export function defineCloudflareImages(options: unknown): Scheme<CloudflareMatch> {
  const { keyRefresh: refresh, ...given } = readSchemeOptions('cloudflareImages', entries, options);
  const input: CloudflareInput = { ...given, key: keysOf(given.key, refresh) };
  const bind = (times: Times): CloudflareScheme =>
    new CloudflareScheme(configureCloudflare(input, times), times.stableFor);
  const scheme = bind(anyTimes);
  const signable = (url: string): CloudflareImage | undefined => {
    const resolved = scheme.resolve(url);
    return typeof resolved === 'object' && !resolved.policy.alwaysPublic ? resolved : undefined;
  };
  return createScheme<CloudflareMatch>(
    {
      name: scheme.name,
      bases: given.delivery,
      match(url) {
        const image = signable(url)?.image();
        return image && { id: image.id, accountHash: image.accountHash, variant: image.variant };
      },
      strip: (url) => scheme.unsign(url) ?? url,
      sign: (url, { exp }) => signable(url)?.sign(exp as EpochSeconds) ?? url,
      verify(url, now): TokenVerification {
        const resolved = scheme.resolveSigned(url);
        if (typeof resolved !== 'object') return { ok: false, reason: 'bad-signature' };
        return resolved.verify(now as EpochSeconds);
      },
      get fingerprint() {
        return scheme.fingerprint;
      },
    },
    { isLimited: true, bind, ...(scheme.secret && { secret: scheme.secret }) },
  );
}
