/** The signer of the Node.js entry points: the portable signer, plus streams. */
import { Transform } from 'node:stream';
import type { RewriteHtmlOptions } from '../../options/call-options.ts';
import type { SchemeImage } from '../../schemes/definition.ts';
import { createPortableSigner, type Signer as PortableSigner } from '../../signer/index.ts';
import type { BodyTransform } from '../../text/body-transform.ts';

/**
 * A signer for Node.js, made by `createSigner`. It also rewrites Node.js streams.
 * @typeParam Variant - the names of the variants
 * @typeParam Image - the images that it knows: those of Cloudflare Images, or of the option `scheme`
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'] });
 * app.use(imageSigner({ signer }));
 * app.use('/images', imageGuard({ signer }));
 * ```
 */
export interface Signer<Variant extends string = string, Image extends SchemeImage = SchemeImage>
  extends PortableSigner<Variant, Image> {
  /**
   * Makes a Node.js stream that signs the image URLs of one page: bytes in, bytes out.
   * @throws ImageSignerError INVALID_OPTION
   * @example
   * ```ts
   * createReadStream('page.html').pipe(signer.htmlStream()).pipe(process.stdout);
   * ```
   */
  htmlStream(options?: RewriteHtmlOptions): Transform;
}

/** @throws ImageSignerError INVALID_OPTION, with `option` */
export function createNodeSigner<Variant extends string, Image extends SchemeImage>(
  options: unknown,
): Signer<Variant, Image> {
  const signer = createPortableSigner<Variant, Image>(options);
  const htmlStream = (streamOptions?: RewriteHtmlOptions): Transform =>
    toTransform(signer.htmlRewriter(streamOptions));
  return Object.assign(signer, { htmlStream });
}

/** Wraps a body transform in a Node.js stream. */
export function toTransform(body: BodyTransform): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      callback(null, body.write(chunk));
    },
    flush(callback) {
      callback(null, body.end());
    },
  });
}
