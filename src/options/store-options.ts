/**
 * The ways to say whose images are signed: the options of Cloudflare Images, those of another store, or a signer that was made
 * before. The types forbid what cannot be given together.
 */

import type { MatchedImage, Scheme } from '../schemes/definition.ts';
import type { DeliveryImage } from '../schemes/resolved-image.ts';
import type { SignerOptionsFor } from './signer-options.ts';

/** An image of a scheme other than Cloudflare Images: what `match` of the scheme finds, and where it stands. */
export type SchemeImage<Image extends MatchedImage = MatchedImage> = Image & {
  /** The URL, without a token. */
  readonly url: string;
  /** The base that the URL begins with, as the scheme's options give it. */
  readonly base: string;
};

/** One, or a list. */
type OneOrMore<One> = One | readonly One[];

/**
 * What a signer is made of, if it signs for other image stores than Cloudflare Images.
 * @typeParam Viewer - as in `SignerOptionsFor`
 */
export interface SchemeOptionsFor<Viewer, Image extends MatchedImage = MatchedImage>
  extends Pick<
    SignerOptionsFor<Viewer>,
    'ttl' | 'stableFor' | 'memory' | 'report' | 'now' | 'deniedVariant'
  > {
  /**
   * A token scheme of `image-signer/schemes`, or a list: the first that knows a URL signs it. It takes the place of `key`,
   * `variants`, `accountHash` and `delivery`.
   * @example
   * ```ts
   * createSigner({ scheme: bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: ['uploads/'] }), ttl: '1d' });
   * ```
   */
  // Of any image too: as long as `Image` is not inferred, the compiler would take a scheme for that of another kind of
  // options, and give the arguments of `authorize` no type.
  readonly scheme: OneOrMore<Scheme<Image>> | OneOrMore<Scheme>;
  /**
   * May this viewer see the image? As in the options for Cloudflare Images.
   * @default every viewer may see every image that the scheme allows
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('uploads/') });
   * ```
   */
  authorize?(image: SchemeImage<Image>, viewer: Viewer): boolean;
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
 * @typeParam Subject - the image that `authorize` is asked about without `scheme`. A function names it `SchemeImage<Image>`,
 *   with an `Image` that is a `DeliveryImage` unless a scheme says otherwise: if the two kinds of options had an
 *   `authorize` of different types, the compiler would infer no parameters of an arrow function.
 */
export type AnySignerOptions<
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (SignerOptionsFor<Viewer, Variant, Subject> & {
      /** In place of the options of Cloudflare Images. */
      readonly scheme?: never;
    })
  | (SchemeOptionsFor<Viewer, Image> & NotWithScheme);

/** What a factory takes: a signer's options, or a signer that was made before. */
export type WithSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (AnySignerOptions<Viewer, Variant, Image, Subject> & {
      /** Not beside a signer's own options. */
      readonly signer?: never;
    })
  | ({
      /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
      readonly signer: Signer;
    } & Pick<SignerOptionsFor<Viewer, Variant, Subject>, Overridable> &
      NotWithSigner);

/** What the endpoint takes: as `WithSigner`, with an `authorize` that may be asynchronous. It signs what clients ask for. */
export type WithEndpointSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (Omit<SignerOptionsFor<Viewer, Variant>, 'authorize'> &
      EndpointAuthorize<Viewer, Subject> & {
        /** Not beside a signer's own options. */
        readonly signer?: never;
        /** In place of the options of Cloudflare Images. */
        readonly scheme?: never;
      })
  | (Omit<SchemeOptionsFor<Viewer, Image>, 'authorize'> &
      EndpointAuthorize<Viewer, SchemeImage<Image>> &
      NotWithScheme)
  | ({
      /** A signer of `createSigner`. It needs an `authorize`, unless one is given here. */
      readonly signer: Signer;
    } & Partial<EndpointAuthorize<Viewer, Subject>> &
      Pick<SignerOptionsFor<Viewer, Variant>, Exclude<Overridable, 'authorize'>> &
      NotWithSigner);

/** Who may have URLs signed. */
interface EndpointAuthorize<Viewer, Image> {
  /**
   * May this viewer see the image? Asked before a URL is signed, once for each image and variant in a request; not
   * asked for an always public variant. It may be asynchronous; only `true` allows. Required, here or in the signer.
   * @example
   * ```ts
   * signingEndpoint({ signer, authorize: async (image, req) => (await imagesOf(req)).has(image.id) });
   * ```
   */
  authorize(image: Image, viewer: Viewer): boolean | PromiseLike<boolean>;
}
