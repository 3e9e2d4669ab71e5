/**
 * The ways to say whose images are signed: the options of Cloudflare Images, those of another store, or a signer that was made
 * before. The types forbid what cannot be given together.
 */

import type { Scheme } from '../schemes/definition.ts';
import type { SignerOptionsFor } from './signer-options.ts';

/** What `authorize` is asked about, and `verifyImage` returns, of a scheme or of the union of several. */
export type ImageOf<Known> = Known extends Scheme<infer Image> ? Image : never;

/** One, or a list. */
type OneOrMore<One> = One | readonly One[];

/**
 * What a signer is made of, if it signs for other image stores than Cloudflare Images.
 * @typeParam Viewer - as in `SignerOptionsFor`
 * @typeParam Known - the scheme, or the union of those in a list. A function infers it, and not the image: the compiler would
 *   take one of several images, and not their union.
 * @typeParam Image - what `authorize` is asked about
 */
export interface SchemeOptionsFor<Viewer, Known = Scheme, Image = ImageOf<Known>>
  extends Pick<
    SignerOptionsFor<Viewer>,
    'ttl' | 'stableFor' | 'memory' | 'report' | 'now' | 'deniedVariant'
  > {
  /**
   * A token scheme of `image-signer/schemes`, or a list, of which the first that signs a URL has it. It takes the place of `key`,
   * `variants`, `accountHash` and `delivery`.
   * @example
   * ```ts
   * createSigner({ scheme: bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: ['uploads/'] }), ttl: '1d' });
   * ```
   */
  readonly scheme: OneOrMore<Known>;
  /**
   * May this viewer see the image? As in the options for Cloudflare Images.
   * @default every viewer may see every image that the scheme allows
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('uploads/') });
   * ```
   */
  authorize?(image: Image, viewer: Viewer): boolean;
}

/** Options that may be given with `signer`, and then replace the signer's own. */
type Overridable = 'authorize' | 'deniedVariant' | 'report';

/** The other options are the signer's, and cannot be given twice. */
type NotWithSigner = {
  readonly [Name in Exclude<keyof SignerOptionsFor<unknown> | 'scheme', Overridable>]?: never;
};

/** The options of Cloudflare Images, whose place the option `scheme` takes. */
type NotWithScheme = {
  readonly [Name in
    | 'key'
    | 'keyRefresh'
    | 'variants'
    | 'accountHash'
    | 'delivery'
    | 'from'
    | 'signer']?: never;
};

/**
 * Options of a signer for Cloudflare Images, or for another store by `scheme`.
 * @typeParam Known - as in `SchemeOptionsFor`
 * @typeParam Image - what `authorize` is asked about
 * @typeParam Own - what it is asked about without `scheme`. A function leaves it out: if the kinds of options had an
 *   `authorize` of different types, the compiler would give the parameters of an arrow function none.
 */
export type AnySignerOptions<
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Image = ImageOf<Known>,
  Own = Image,
> =
  | (SignerOptionsFor<Viewer, Variant, Own> & {
      /** In place of the options of Cloudflare Images. */
      readonly scheme?: never;
    })
  | (SchemeOptionsFor<Viewer, Known, Image> & NotWithScheme);

/** What a factory takes: a signer's options, or a signer that was made before. */
export type WithSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Image = ImageOf<Known>,
  Own = Image,
> =
  | (AnySignerOptions<Viewer, Variant, Known, Image, Own> & {
      /** Not beside a signer's own options. */
      readonly signer?: never;
    })
  | ({
      /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
      readonly signer: Signer;
    } & Pick<SignerOptionsFor<Viewer, Variant, Image>, Overridable> &
      NotWithSigner);

/** What the delivery takes: as `WithSigner`, with what the signer's variants look like beside it. */
export type WithDeliverySigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Image = ImageOf<Known>,
  Own = Image,
> =
  | (AnySignerOptions<Viewer, Variant, Known, Image, Own> & {
      /** Not beside a signer's own options. */
      readonly signer?: never;
    })
  | ({
      /** A signer of `createSigner`, so that middleware and delivery share one. */
      readonly signer: Signer;
      /**
       * What the signer's variants look like, in place of what their policies say.
       * @default what the policies of the signer's variants say
       * @example
       * ```ts
       * imageDelivery({ directory: './pictures', signer, variants: { thumb: { width: 320, fit: 'cover' } } });
       * ```
       */
      readonly variants?: SignerOptionsFor<Viewer, Variant>['variants'] | undefined;
    } & Pick<SignerOptionsFor<Viewer, Variant, Image>, Overridable> &
      Omit<NotWithSigner, 'variants'>);

/** What the endpoint takes: as `WithSigner`, with an `authorize` that may be asynchronous. It signs what clients ask for. */
export type WithEndpointSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Known = Scheme,
  Image = ImageOf<Known>,
  Own = Image,
> =
  | (Omit<SignerOptionsFor<Viewer, Variant>, 'authorize'> &
      EndpointAuthorize<Viewer, Own> & {
        /** Not beside a signer's own options. */
        readonly signer?: never;
        /** In place of the options of Cloudflare Images. */
        readonly scheme?: never;
      })
  | (Omit<SchemeOptionsFor<Viewer, Known>, 'authorize'> & EndpointAuthorize<Viewer, Image> & NotWithScheme)
  | ({
      /** A signer of `createSigner`. It needs an `authorize`, unless one is given here. */
      readonly signer: Signer;
    } & Partial<EndpointAuthorize<Viewer, Image>> &
      Pick<SignerOptionsFor<Viewer, Variant>, Exclude<Overridable, 'authorize'>> &
      NotWithSigner);

/** Who may have URLs signed. */
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
