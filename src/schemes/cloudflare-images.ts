/** `cloudflareImages`: its options, for a site that has another store as well. */
import * as v from 'valibot';
import type { Duration } from '../text/duration.ts';
import { keyRefresh } from '../validation/schema.ts';
import { accountHash, delivery, key, variants } from './cloudflare-images/options.ts';
import { type DeliveryImage, defineCloudflareImages } from './cloudflare-images/scheme.ts';
import { createScheme, type Scheme, type StoredBase } from './definition.ts';
import { from } from './from.ts';
import { readSchemeOptions } from './options.ts';

/** The options of `cloudflareImages`: those that the factories take without `scheme`, where they are described. */
export interface CloudflareImagesOptions {
  /** The signing key's text, or a list with the newest first, or a function that gives one of them. Required. */
  readonly key:
    | string
    | readonly string[]
    | (() => string | readonly string[] | PromiseLike<string | readonly string[]>)
    | undefined;
  /**
   * How often a function is asked for the key: seconds, or `'15m'`.
   * @default '5m'
   */
  readonly keyRefresh?: Duration | undefined;
  /** The variants that are signed: a list of names, or a map of names to policies. Required. */
  readonly variants:
    | readonly string[]
    | Readonly<
        Record<
          string,
          {
            /** As the option `ttl`, for this variant. */
            readonly ttl?: Duration | undefined;
            /** Set this for a variant that has "Always allow public access" at Cloudflare. */
            readonly alwaysPublic?: boolean | undefined;
            /** Width in CSS pixels, for `signSrcset`. */
            readonly width?: number | undefined;
            /** Height in CSS pixels. It changes nothing. */
            readonly height?: number | undefined;
          }
        >
      >;
  /**
   * Signs the images of these accounts only.
   * @default any account
   */
  readonly accountHash?: string | readonly string[] | undefined;
  /**
   * The beginning of the delivery URLs.
   * @default 'https://imagedelivery.net'
   */
  readonly delivery?: string | CloudflareBase | readonly (string | CloudflareBase)[] | undefined;
  /**
   * Other bases under which the same images are stored. A URL under one is the image at the same path under the first base of
   * `delivery`, and goes out as that, signed.
   * @default none
   */
  readonly from?: string | StoredBase | readonly (string | StoredBase)[] | undefined;
}

/** A base whose URLs have no account: a rewrite rule of the site puts it in. */
export interface CloudflareBase {
  /** Such as `'https://img.shop.example'`. */
  readonly base: string;
  /** The account that it delivers. */
  readonly accountHash: string;
}

const entries = {
  key,
  variants,
  accountHash: v.optional(accountHash),
  delivery: v.optional(delivery, 'https://imagedelivery.net'),
  from: v.optional(from),
  keyRefresh: v.optional(keyRefresh),
};

/**
 * Cloudflare Images. A site that has nothing else needs no scheme: the factories take these options themselves.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const images = cloudflareImages({ key: process.env.IMAGES_KEY, variants: ['thumb', 'card'] });
 * const files = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme: [images, files], ttl: '1d' }));
 * ```
 * @see https://developers.cloudflare.com/images/optimization/hosted-images/serve-private-images/
 */
export function cloudflareImages(options: CloudflareImagesOptions): Scheme<DeliveryImage> {
  const given = readSchemeOptions('cloudflareImages', entries, options);
  return createScheme(defineCloudflareImages(given));
}
