/**
 * The types of what every entry point takes and adds, written once for any viewer: the request or context of a framework.
 * An entry point names its viewer, the arguments of `skip`, and what a middleware is there.
 */

import type { Candidates, DataOptions, HelperOptions } from './options/call-options.ts';
import type { DeliveryOptions } from './options/delivery-options.ts';
import type { EndpointOptions, GuardOptions, MiddlewareOptionsFor } from './options/factory-options.ts';
import type {
  AnySignerOptions,
  ImageOf,
  WithDeliverySigner,
  WithEndpointSigner,
  WithSigner,
} from './options/store-options.ts';
import type { DeliveryImage } from './schemes/cloudflare-images/scheme.ts';
import type { Scheme, SchemeImage } from './schemes/definition.ts';
import type { Signer } from './signer/index.ts';

export type { SignerOptionsFor } from './options/signer-options.ts';
export type { SchemeOptionsFor } from './options/store-options.ts';
export type { AnySignerOptions, DeliveryImage, ImageOf, MiddlewareOptionsFor, Scheme, SchemeImage };

/** Without the option `scheme`: Cloudflare Images. */
export type CloudflareImages = Scheme<DeliveryImage>;

/** Any signer, whichever entry point has made it. */
export type AnySigner<Image extends SchemeImage = SchemeImage> = Signer<never, Image>;

/** What `authorize` is asked about beside a signer, or beside one of several. */
export type ImageBy<Made> = Made extends AnySigner<infer Image> ? Image : never;

/**
 * A signer's options, or `{ signer }`, which may have its own `authorize`, `deniedVariant` and `report` with it.
 * @typeParam Known - the scheme, or the union of those in a list
 * @typeParam Made - the signer. Beside a scheme there is none: then it stands for the images of the scheme
 * @typeParam Own - the image that `authorize` is asked about without both. A function leaves it out
 */
export type SignerOr<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = WithSigner<Made, Viewer, Variant, Known, ImageBy<Made>, Own>;

/** A signer's options, or `{ signer }`, with an `authorize` here or in the signer: an endpoint signs for any client. */
export type AuthorizedSignerOr<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = WithEndpointSigner<Made, Viewer, Variant, Known, ImageBy<Made>, Own>;

/**
 * The options of `imageSigner`.
 * @typeParam Skip - the arguments of `skip`
 */
export type ImageSignerOptionsFor<
  Viewer,
  Skip extends readonly unknown[],
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = SignerOr<Viewer, Variant, Known, Made, Own> & MiddlewareOptionsFor<Skip>;

/** The options of `imageGuard`. */
export type ImageGuardOptionsFor<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = SignerOr<Viewer, Variant, Known, Made, Own> & GuardOptions<Own>;

/** The options of `imageDelivery`. */
export type ImageDeliveryOptionsFor<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = WithDeliverySigner<Made, Viewer, Variant, Known, ImageBy<Made>, Own> & DeliveryOptions<Own>;

/** The options of `signingEndpoint`. */
export type SigningEndpointOptionsFor<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Made = AnySigner<ImageOf<Known>>,
  Own = ImageBy<Made>,
> = AuthorizedSignerOr<Viewer, Variant, Known, Made, Own> & EndpointOptions;

/** The variants that an app has registered by name; any name as long as it has registered none. */
export type RegisteredIn<Variants> = [keyof Variants] extends [never] ? string : keyof Variants & string;

/** The images that an app has registered for its guard; those of Cloudflare Images as long as it has registered none. */
export type RegisteredImage<Images> = [keyof Images] extends [never]
  ? DeliveryImage
  : Extract<Images[keyof Images], SchemeImage>;

/** What the middleware gives to the handlers of a site. */
export interface Helpers<Variant extends string = string> {
  /**
   * Signs one image, as `signImage` of a signer does. The URL stays as it is where the page contains it.
   * @throws ImageSignerError NOT_A_DELIVERY_URL, ACCOUNT_NOT_ALLOWED, ACCOUNT_REQUIRED, VARIANT_REQUIRED,
   *   VARIANT_NOT_ALLOWED, INVALID_OPTION
   * @example
   * ```ts
   * app.get('/photo', (req, res) => res.json({ url: req.signImage('photo-1', 'thumb', { ttl: '5m' }) })); // ctx.signImage in Koa
   * ```
   */
  signImage(image: string, variant?: Variant | HelperOptions, options?: HelperOptions): string;
  /**
   * Signs one image in several variants, for a `srcset`.
   * @throws ImageSignerError as `signImage`
   * @example
   * ```ts
   * app.get('/photo', (req, res) => res.json({ srcset: req.signSrcset('photo-1', { thumb: '1x', card: '2x' }) })); // ctx.signSrcset in Koa
   * ```
   */
  signSrcset(image: string, candidates?: Candidates<Variant>, options?: HelperOptions): string;
  /**
   * Signs the image URLs in data, as `signData` of a signer does, for the viewer of the response. The URLs stay as they are
   * where the response contains them.
   * @returns a copy of what changes; the data itself if nothing does
   * @throws ImageSignerError INVALID_OPTION; and as `signData` of a signer
   * @example
   * ```ts
   * app.get('/post', (req, res) => res.json(req.signData({ cover: 'https://imagedelivery.net/a/photo-1/thumb' })));
   * ```
   */
  signData<Data>(data: Data, options?: DataOptions): Data;
}

/** What views get. Both are optional, so that an app may still replace the object that holds them. */
export interface ViewHelpers<Variant extends string = string> {
  /** Signs one image in a view. Data that cannot be signed comes back as it is; mistakes of the template throw. */
  signImage?:
    | ((image: unknown, variant?: Variant | HelperOptions, options?: HelperOptions) => unknown)
    | undefined;
  /** Signs one image in several variants in a view. Data that cannot be signed comes back as it is. */
  signSrcset?:
    | ((image: unknown, candidates?: Candidates<Variant>, options?: HelperOptions) => unknown)
    | undefined;
}
