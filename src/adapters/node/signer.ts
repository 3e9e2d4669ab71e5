/** The signer of the entry points for Node.js: the portable one, and streams. */
import type { Transform } from 'node:stream';
import type { SignerOptionsFor } from '../../options/types.ts';
import {
  createPortableSigner,
  type Signer as PortableSigner,
  type RewriteHtmlOptions,
} from '../../signer/index.ts';
import { toTransform } from './html-stream.ts';

export interface Signer<Variant extends string = string> extends PortableSigner<Variant> {
  /**
   * Signs the image URLs of a page that is a Node.js stream: bytes in, bytes out.
   * @throws ImageSignerError INVALID_OPTION
   * @example createReadStream('page.html').pipe(signer.htmlStream()).pipe(res);
   */
  htmlStream(options?: RewriteHtmlOptions): Transform;
}

/** @throws ImageSignerError INVALID_OPTION, with `option` */
export function createNodeSigner<const Variant extends string>(
  options: SignerOptionsFor<unknown, Variant>,
): Signer<Variant> {
  const signer = createPortableSigner(options);
  const htmlStream = (streamOptions?: RewriteHtmlOptions): Transform =>
    toTransform(signer.htmlRewriter(streamOptions));
  return Object.assign(signer, { htmlStream });
}
