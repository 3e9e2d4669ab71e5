/** A signer as entries for Node.js have it: with streams. */
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
   * A page, as a Node.js stream: bytes in, bytes out.
   * @throws ImageSignerError INVALID_OPTION
   */
  htmlStream(options?: RewriteHtmlOptions): Transform;
}

/**
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createNodeSigner<const Variant extends string>(
  options: SignerOptionsFor<unknown, Variant>,
): Signer<Variant> {
  const signer = createPortableSigner(options);
  const htmlStream = (streamOptions?: RewriteHtmlOptions): Transform =>
    toTransform(signer.htmlRewriter(streamOptions));
  return Object.assign(signer, { htmlStream });
}
