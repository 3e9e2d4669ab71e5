/**
 * The types that all entry points share, for any viewer: a framework's request or context. An entry point names its viewer,
 * the arguments of `skip`, and its type of middleware.
 */

import type { SignedImage } from './guard/check.ts';
import type { Candidates, DataOptions, HelperOptions } from './options/call-options.ts';
import type { EndpointOptions, GuardOptions, MiddlewareOptionsFor } from './options/factory-options.ts';
import type { Authorize, CloudflareOptions, CommonOptions } from './options/signer-options.ts';
import type { DeliveryImage } from './schemes/cloudflare-images/scheme.ts';
import type { Scheme, SchemeImage } from './schemes/definition.ts';
import type { Signer } from './signer/index.ts';

export type { DeliveryImage, Scheme, SchemeImage };

/** Without the option `scheme`: Cloudflare Images. */
export type CloudflareImages = Scheme<DeliveryImage>;

/** Any signer, from any entry point. */
export type AnySigner<Image extends SchemeImage = SchemeImage> = Signer<never, Image>;

/** Where images come from: a scheme, or an existing signer. */
export type ImageSource = Scheme | AnySigner;

/**
 * The image that `authorize` receives and `verifyImage` returns, for a scheme, a signer, or a union of several. The compiler
 * infers `never` in `imageSigner(defineConfig({ key, … }))`, which has neither: those are Cloudflare's images.
 */
export type ImageOf<Source> = [Source] extends [never]
  ? DeliveryImage
  : Source extends Scheme<infer Image>
    ? Image
    : Source extends AnySigner<infer Image>
      ? Image
      : never;

/**
 * The image that `authorize` receives if the options have neither a scheme nor a signer. A type without a source allows all
 * three kinds of options: there it is Cloudflare's.
 */
export type ImageByKey<Source> = [ImageSource] extends [Source] ? DeliveryImage : ImageOf<Source>;

/** The options for Cloudflare Images, with a viewer. */
export interface CloudflareOptionsFor<Viewer, Variant extends string, Image = DeliveryImage>
  extends CloudflareOptions<Variant>,
    Authorize<Viewer, Image> {}

/** Marks the options for Cloudflare Images, which have neither a scheme nor a signer. */
interface ByKey {
  /** Replaces the options for Cloudflare Images. */
  readonly scheme?: never;
  /** Replaces a signer's options. */
  readonly signer?: never;
}

/** A signer's options for other image stores than Cloudflare Images. */
interface SchemeOptions<Variant extends string, Image extends SchemeImage> extends CommonOptions<Variant> {
  /**
   * A token scheme from `image-signer/schemes`, or a list: the first that accepts a URL signs it. It replaces `key`, `keyRefresh`,
   * `variants`, `accountHash`, `delivery` and `from`.
   * @example
   * ```ts
   * createSigner({ scheme: bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: ['uploads/'] }), ttl: '1d' });
   * ```
   */
  readonly scheme: OneOrMore<Scheme<Image>>;
}

/** One, or a list. */
type OneOrMore<One> = One | readonly One[];

/**
 * Lets a function infer its schemes. If it inferred their images, the compiler would pick one image of several, not the union.
 * @typeParam Source - the scheme, or for a list, the union of its schemes
 */
interface ByScheme<Source> {
  /** One, or a list: the first that accepts a URL signs it. */
  readonly scheme: OneOrMore<Source>;
  /** Replaces a signer's options. */
  readonly signer?: never;
}

/** An existing signer, and the options that override its own. */
interface SharedSigner<Variant extends string, Image extends SchemeImage>
  extends Pick<CommonOptions<Variant>, 'deniedVariant' | 'report'> {
  /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
  readonly signer: AnySigner<Image>;
}

/**
 * Lets a function infer the type of an existing signer.
 * @typeParam Source - the signer
 */
interface BySigner<Source> {
  /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
  readonly signer: Source;
  /** The signer has its own. */
  readonly scheme?: never;
}

/** Who may have a URL signed: an endpoint signs what clients ask for. */
interface EndpointAuthorize<Viewer, Image> {
  /**
   * May this viewer see the image? Called before a URL is signed, once per request for every image, variant and base, but not for
   * always public variants. It may be asynchronous; only `true` allows. Required, here or in the signer.
   * @example
   * ```ts
   * signingEndpoint({ signer, authorize: async (image, req) => (await imagesOf(req)).has(image.id) });
   * ```
   */
  authorize(image: Image, viewer: Viewer): boolean | PromiseLike<boolean>;
}

/** The options of `createSigner`, by key or by scheme. */
export type SignerOptionsFor<Viewer, Variant extends string, Source, Image = ImageOf<Source>> =
  | (CloudflareOptionsFor<Viewer, Variant, Image> & ByKey)
  | (SchemeOptions<Variant, ImageOf<Source>> & ByScheme<Source> & Authorize<Viewer, ImageOf<Source>>);

/** A signer instead of its options. */
export type SignerFor<Viewer, Variant extends string, Source> = SharedSigner<Variant, ImageOf<Source>> &
  BySigner<Source> &
  Authorize<Viewer, ImageOf<Source>>;

/** One of the three, which the compiler tells apart by `scheme` and `signer`. */
export type SignedBy<Viewer, Variant extends string, Source, Image = ImageOf<Source>> =
  | SignerOptionsFor<Viewer, Variant, Source, Image>
  | SignerFor<Viewer, Variant, Source>;

/** The options of `imageSigner`. */
export type ImageSignerOptionsFor<
  Viewer,
  Skip extends readonly unknown[],
  Variant extends string,
  Source,
  Image,
> = SignedBy<Viewer, Variant, Source, Image> & MiddlewareOptionsFor<Skip>;

/** The options of `imageGuard`. */
export type ImageGuardOptionsFor<
  Viewer,
  Source,
  Image = ImageByKey<Source>,
  Variant extends string = string,
> = SignedBy<Viewer, Variant, Source, Image> & GuardOptions<Image>;

/** The options of `signingEndpoint`, with an `authorize` here or in the signer. */
export type SigningEndpointOptionsFor<
  Viewer,
  Source,
  Image = ImageByKey<Source>,
  Variant extends string = string,
> = (
  | (CloudflareOptions<Variant> & ByKey & EndpointAuthorize<Viewer, Image>)
  | (SchemeOptions<Variant, ImageOf<Source>> & ByScheme<Source> & EndpointAuthorize<Viewer, ImageOf<Source>>)
  | (SharedSigner<Variant, ImageOf<Source>> &
      BySigner<Source> &
      Partial<EndpointAuthorize<Viewer, ImageOf<Source>>>)
) &
  EndpointOptions;

/** The factories whose results an app installs. They infer the names of variants and the source of images. */
export interface Factories<Viewer, Skip extends readonly unknown[], Middleware, Endpoint = Middleware> {
  /** Creates a middleware that signs the image URLs in a site's responses. */
  imageSigner<const Variant extends string, Source extends ImageSource = CloudflareImages>(
    options: ImageSignerOptionsFor<Viewer, Skip, Variant, Source, ImageOf<Source>>,
  ): Middleware;
  /** Creates a middleware for a site that delivers images itself. */
  imageGuard<const Variant extends string, Source extends ImageSource = CloudflareImages>(
    options: ImageGuardOptionsFor<Viewer, Source, ImageOf<Source>, Variant>,
  ): Middleware;
  /** Creates an endpoint that signs URLs on request. */
  signingEndpoint<const Variant extends string, Source extends ImageSource = CloudflareImages>(
    options: SigningEndpointOptionsFor<Viewer, Source, ImageOf<Source>, Variant>,
  ): Endpoint;
}

/** The variants that an app has registered; any name if it has registered none. */
export type RegisteredIn<Variants> = [keyof Variants] extends [never] ? string : keyof Variants & string;

/** The images that an app has registered for its guard; those of Cloudflare Images if it has registered none. */
type RegisteredImage<Images> = [keyof Images] extends [never]
  ? DeliveryImage
  : Extract<Images[keyof Images], SchemeImage>;

/** What the guard adds for a site's handlers. */
export interface Guarded<Images> {
  /** The verified image of this request, if `imageGuard` let it through. */
  signedImage?: SignedImage<RegisteredImage<Images>> | undefined;
}

/** What the middleware adds for a site's handlers. */
export interface Helpers<Variant extends string = string> {
  /**
   * Signs one image, as a signer's `signImage` does. A page that contains the URL keeps it unchanged.
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
   * Signs the image URLs in data for the response's viewer, as a signer's `signData` does. A response that contains the URLs
   * keeps them unchanged.
   * @returns a copy if something changes, otherwise the data itself
   * @throws ImageSignerError INVALID_OPTION; and as a signer's `signData`
   * @example
   * ```ts
   * app.get('/post', (req, res) => res.json(req.signData({ cover: 'https://imagedelivery.net/a/photo-1/thumb' })));
   * ```
   */
  signData<Data>(data: Data, options?: DataOptions): Data;
}

/** The helpers in views. Both are optional, so that an app may still replace the object that holds them. */
export interface ViewHelpers<Variant extends string = string> {
  /** Signs one image in a view. Data that cannot be signed comes back unchanged; template mistakes throw. */
  signImage?:
    | ((image: unknown, variant?: Variant | HelperOptions, options?: HelperOptions) => unknown)
    | undefined;
  /** Signs one image in several variants in a view. Data that cannot be signed comes back unchanged. */
  signSrcset?:
    | ((image: unknown, candidates?: Candidates<Variant>, options?: HelperOptions) => unknown)
    | undefined;
}
