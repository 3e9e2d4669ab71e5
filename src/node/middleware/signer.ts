/** The signer of the entry points for Node.js: the portable one, and streams. */
import { Transform } from 'node:stream';
import type { RewriteHtmlOptions } from '../../options/call-options.ts';
import { createPortableSigner, type Signer as PortableSigner } from '../../signer/index.ts';
import type { BodyTransform } from '../../text/body-transform.ts';

/**
 * The signer of the entry points for Node.js: it rewrites Node.js streams too. `createSigner` makes one.
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'] });
 * app.use(imageSigner({ signer }));
 * app.use('/images', imageGuard({ signer }));
 * ```
 */
export interface Signer<Variant extends string = string> extends PortableSigner<Variant> {
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
export function createNodeSigner<Variant extends string>(options: unknown): Signer<Variant> {
  const signer = createPortableSigner(options);
  const htmlStream = (streamOptions?: RewriteHtmlOptions): Transform =>
    toTransform(signer.htmlRewriter(streamOptions));
  return Object.assign(signer, { htmlStream });
}

/** Makes a Node.js stream of a rewriter of pages. */
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
