/** Where pictures are delivered, and how their URLs are built. It does not use the signer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Picture } from './pictures/catalogue.ts';
import type { CloudflareSettings } from './settings.ts';
import type { VariantName } from './variants.ts';

/** Like Cloudflare's: 22 characters of base64url. */
export const ownAccountHash = 'Ry7nQ-4wLx0aTb_9sVd2Kg';
export const ownBase = '/cdn-cgi/imagedelivery';
/** A truncated file among the originals, for the refusals page. */
export const brokenPicture: { readonly id: string; readonly bytes: Buffer } = {
  id: 'an-upload-that-broke-off',
  bytes: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
};

export interface Delivery {
  readonly key: string;
  readonly accountHash: string;
  /** The beginning of URLs in `src` and `srcset`. */
  readonly base: string;
  /** The same for `og:image` and JSON-LD, since crawlers do not resolve paths. */
  readonly absoluteBase: string;
}

/** The gallery delivers its own pictures. It generates a key at every start. */
export function ownDelivery(port: number): Delivery {
  return {
    key: randomBytes(32).toString('hex'),
    accountHash: ownAccountHash,
    base: ownBase,
    absoluteBase: new URL(ownBase, `http://localhost:${port}`).href, // as browsers write it: without `:80`
  };
}

/** Variants are created while the visitor waits, and AVIF takes ten times as long as WebP. */
export function withoutAvif<Request extends IncomingMessage>(request: Request): Request {
  const { accept } = request.headers;
  if (accept !== undefined) request.headers.accept = accept.replace(/image\/avif *,? */gi, '');
  return request;
}

export function cloudflareDelivery({ key, accountHash, delivery }: CloudflareSettings): Delivery {
  const base = delivery.replace(/\/$/, '');
  return { key, accountHash, base, absoluteBase: base };
}

/** A picture's plain URL, as a site stores it. */
export function urlOf(
  delivery: Delivery,
  picture: Picture,
  variant: VariantName,
  base: string = delivery.base,
): string {
  return `${base}/${delivery.accountHash}/${picture.id}/${variant}`;
}
