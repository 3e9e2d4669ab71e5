import { createSigner, imageSigner } from 'image-signer/fetch';
import { markdown } from 'image-signer/markdown';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH } = process.env;

export const signer = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  // The images' former host: old articles still have its address.
  from: 'http://images.internal:8080',
});

/** The names of this site's fields that hold Markdown or HTML. */
export const fields = { notes: markdown, embed: 'html' };

const adminPanel = /^https?:\/\/[^/]+\/admin(?:[/?]|$)/;
const sign = imageSigner({
  signer,
  rewrite: { json: true },
  fields,
  // The admin panel saves what it shows, so it must get no tokens.
  skip: (request) => adminPanel.test(request.headers.get('referer') ?? ''),
});

/** Wraps a route handler of Payload. */
export function signed(handler) {
  return (request, args) => sign(request, (asked) => handler(asked, args));
}
