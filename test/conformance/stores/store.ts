/**
 * What the suite knows of a scheme: the images of a store, and what a signer needs for them. The same behaviours run over
 * all stores. It runs within Workers too, so it knows no runtime.
 */

import type { SignOptions } from '../../../src/options/call-options.ts';
import type { DeliveryImage } from '../../../src/schemes/cloudflare-images/scheme.ts';
import { accountHash } from '../../support/samples.ts';

export type UrlOf = (variant?: string, image?: string, account?: string) => string;

/** How a store is guarded: images behind a path of the site itself. */
export interface Guarded {
  /** Where the guard is mounted. */
  readonly at: string;
  /** Options of the signer that stand in the place of the store's own. */
  readonly options: object;
  /** The URL of an image in two sizes. */
  readonly path: string;
  readonly other: string;
  /** What the handler is told of the first one. */
  readonly image: object;
  /** What is refused besides, with the status and the reason. */
  readonly refusals: readonly (readonly [target: string, status: number, reason: string])[];
}

/** Images that have been stored under another base than the one that they are delivered from. */
export interface Stored {
  /** Options of a signer that knows the other base, in the place of the store's own. */
  readonly options: object;
  /** What a delivery URL has in the place of that base. */
  readonly base: string;
}

/** What URLs were stored under. */
export const storedBase = 'http://old.example:9000/photos';

export interface Store {
  readonly name: string;
  /** What a signer needs besides its times. */
  readonly options: object;
  /** Options that limit it to what is the site's own. */
  readonly limits: object;
  /**
   * The URL of an image, without a token. `thumb` and `card` are signed, `preview` never needs a token, and nothing else
   * may be signed.
   */
  readonly url: UrlOf;
  readonly hasVariants: boolean;
  /** A token with what joins it to its URL, in a text of any kind. */
  readonly token: RegExp;
  /** What `signImage` gets besides a URL: another variant where there are variants. */
  readonly more: readonly [options: SignOptions] | readonly [variant: string, options: SignOptions];
  /** Tells the sizes of an image apart that `authorize` is asked about. */
  sizeOf(image: DeliveryImage): string;
  /** How its images are found that were stored under another base. */
  readonly stored: Stored;
  /** Undefined if no guard can stand before it. */
  readonly guarded: Guarded | undefined;
  /** Behaviours that it is not run over: their group, their name or `*`, and the reason. */
  readonly leftOut: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** URLs of a store without variants: each size is a file of its own, and a preview stands where everybody may see it. */
export function urlsUnder(signed: string, other: string): UrlOf {
  return (variant = 'thumb', image = sampleId, account = accountHash) => {
    if (variant === 'preview') return `https://public.example/${image}/preview.jpg`;
    const isAllowed = (variant === 'thumb' || variant === 'card') && account === accountHash;
    return `${isAllowed ? signed : `${other}/${account}`}/${image}/${variant}.jpg`;
  };
}

const sampleId = 'holiday-1';

/** The separator of parameters, as HTML, JSON and URLs write it. */
export const separator = '(?:&(?:amp;)*|&#38;|\\\\u0026|%26)';

/** The last character of a token is changed: it is a digit of a hexadecimal number. */
export function spoil(signed: string): string {
  return signed.slice(0, -1) + (signed.endsWith('0') ? '1' : '0');
}
