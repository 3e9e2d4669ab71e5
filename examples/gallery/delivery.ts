/** Where pictures come from, and how their URLs are written. It knows no signer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Picture } from './pictures/catalogue.ts';
import type { CloudflareSettings } from './settings.ts';
import type { VariantName } from './variants.ts';

/** As Cloudflare's are: 22 characters of base64url. */
export const ownAccountHash = 'Ry7nQ-4wLx0aTb_9sVd2Kg';
export const ownBase = '/cdn-cgi/imagedelivery';
/** A file among the originals that ends after its first bytes, for the page of refusals. */
export const brokenPicture: { readonly id: string; readonly bytes: Buffer } = {
  id: 'an-upload-that-broke-off',
  bytes: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
};

export interface Delivery {
  readonly key: string;
  readonly accountHash: string;
  /** What `src` and `srcset` begin with. */
  readonly base: string;
  /** What `og:image` and JSON-LD begin with, since crawlers do not resolve paths. */
  readonly absoluteBase: string;
}

/** The gallery delivers its own pictures, with a key that is made up at each start. */
export function ownDelivery(port: number): Delivery {
  return {
    key: randomBytes(32).toString('hex'),
    accountHash: ownAccountHash,
    base: ownBase,
    absoluteBase: new URL(ownBase, `http://localhost:${port}`).href, // without `:80`, as browsers write it
  };
}

/** These pictures are made while you look at the page, and AVIF takes ten times as long as WebP. */
export function withoutAvif<Request extends IncomingMessage>(request: Request): Request {
  const { accept } = request.headers;
  if (accept !== undefined) request.headers.accept = accept.replace(/image\/avif *,? */gi, '');
  return request;
}

export function cloudflareDelivery({ key, accountHash, delivery }: CloudflareSettings): Delivery {
  const base = delivery.replace(/\/$/, '');
  return { key, accountHash, base, absoluteBase: base };
}

/** A picture's URL as a site would store it: without a token. */
export function urlOf(
  delivery: Delivery,
  picture: Picture,
  variant: VariantName,
  base: string = delivery.base,
): string {
  return `${base}/${delivery.accountHash}/${picture.id}/${variant}`;
}
