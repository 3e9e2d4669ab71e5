/** The option `scheme`, and what may stand beside it. Which schemes there are is not known here. */

import type { Scheme, SchemeImage } from '../schemes/definition.ts';
import type { SignerOptionsFor } from './signer-options.ts';

/** One, or a list. */
export type OneOrMore<One> = One | readonly One[];

/**
 * What a signer is made of, if it signs for other image stores than Cloudflare Images.
 * @typeParam Viewer - as in `SignerOptionsFor`
 * @typeParam Image - what `authorize` is asked about
 */
export interface SchemeOptionsFor<Viewer, Image extends SchemeImage = SchemeImage>
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
  readonly scheme: OneOrMore<Scheme<Image>>;
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
