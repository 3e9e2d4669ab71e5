/**
 * The types of what every entry point takes and adds, written once for any viewer: the request or context of a framework.
 * An entry point names its viewer, the arguments of `skip`, and what a middleware is there.
 */

import type { Candidates, DataOptions, HelperOptions } from './options/call-options.ts';
import type { SignerOptionsFor } from './options/signer-options.ts';
import type { OneOrMore, SchemeOptionsFor } from './options/store-options.ts';
import type { DeliveryImage } from './schemes/cloudflare-images/scheme.ts';
import type { Scheme, SchemeImage } from './schemes/definition.ts';
import type { Signer } from './signer/index.ts';

export type { EndpointOptions, GuardOptions, MiddlewareOptionsFor } from './options/factory-options.ts';
export type { SignerOptionsFor } from './options/signer-options.ts';
export type { SchemeOptionsFor } from './options/store-options.ts';
export type { DeliveryImage, Scheme, SchemeImage };

/** Without the option `scheme`: Cloudflare Images. */
export type CloudflareImages = Scheme<DeliveryImage>;

/** Any signer, whichever entry point has made it. */
export type AnySigner<Image extends SchemeImage = SchemeImage> = Signer<never, Image>;

/** What images come from: a scheme, or a signer that was made before. */
export type ImageSource = Scheme | AnySigner;

/** What `authorize` is asked about, and `verifyImage` returns: of a scheme, of a signer, or of the union of several. */
export type ImageOf<Source> =
  Source extends Scheme<infer Image> ? Image : Source extends AnySigner<infer Image> ? Image : never;

/** Marks the options of Cloudflare Images, which name neither a scheme nor a signer. */
export interface ByKey {
  /** Replaces the options of Cloudflare Images. */
  readonly scheme?: never;
  /** Replaces a signer's options. */
  readonly signer?: never;
}

/**
 * Lets a function infer its schemes. If it inferred their images, the compiler would pick one image of several, not the union.
 * Apart from the other options, so that the schemes are inferred even if one of those is mistyped: the error names that one then.
 * @typeParam Source - the scheme, or the union of those in a list
 */
export interface ByScheme<Source, Variant extends string> {
  /** One, or a list: the first that knows a URL signs it. */
  readonly scheme: OneOrMore<Source>;
  // The three kinds need one type here. If it differed, the compiler would tell them apart by it, and blame the scheme for a
  // mistyped variant.
  /** An always public variant of `cloudflareImages`, for URLs that `authorize` refuses. */
  readonly deniedVariant?: NoInfer<Variant> | undefined;
  /** Replaces a signer's options. */
  readonly signer?: never;
}

/**
 * Lets a function infer the type of a signer that was made before.
 * @typeParam Source - the signer
 */
export interface BySigner<Source> {
  /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
  readonly signer: Source;
  /** The signer has its own. */
  readonly scheme?: never;
}

/** A signer that was made before, and the options that may replace its own. */
export interface SharedSigner<Viewer, Variant extends string, Image extends SchemeImage>
  extends Pick<SignerOptionsFor<Viewer, Variant, Image>, 'authorize' | 'deniedVariant' | 'report'>,
    BySigner<AnySigner<Image>> {}

/** Who may have URLs signed by an endpoint: it signs what clients ask for. */
interface EndpointAuthorize<Viewer, Image> {
  /**
   * May this viewer see the image? Asked before a URL is signed, once for each image, variant and base in a request; not
   * asked for an always public variant. It may be asynchronous; only `true` allows. Required, here or in the signer.
   * @example
   * ```ts
   * signingEndpoint({ signer, authorize: async (image, req) => (await imagesOf(req)).has(image.id) });
   * ```
   */
  authorize(image: Image, viewer: Viewer): boolean | PromiseLike<boolean>;
}

/**
 * The three kinds of options, which the compiler tells apart by `scheme` and `signer`.
 * @typeParam Own - the options of Cloudflare Images, as the entry point names them
 * @typeParam Others - those of other stores
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 */
export type SignedBy<Own, Others, Viewer, Variant extends string, Source> =
  | (Own & ByKey)
  | (Others & ByScheme<Source, Variant>)
  | (SharedSigner<Viewer, Variant, ImageOf<Source>> & BySigner<Source>);

/** The same for an endpoint, with an `authorize` here or in the signer. */
export type EndpointSignedBy<Viewer, Variant extends string, Source, Image> =
  | (Omit<SignerOptionsFor<Viewer, Variant>, 'authorize'> & EndpointAuthorize<Viewer, Image> & ByKey)
  | (Omit<SchemeOptionsFor<Viewer>, 'authorize' | 'scheme'> &
      EndpointAuthorize<Viewer, ImageOf<Source>> &
      ByScheme<Source, Variant>)
  | (Omit<SharedSigner<Viewer, Variant, ImageOf<Source>>, 'authorize'> &
      Partial<EndpointAuthorize<Viewer, ImageOf<Source>>> &
      BySigner<Source>);

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
