/**
 * A signer's options, as docs/reference/options.md explains them. This file knows neither frameworks nor Node.js: every entry
 * point defines what a viewer is.
 */

import type { StoredBase } from '../schemes/definition.ts';
import type { Duration } from '../text/duration.ts';
import type { ImageSignerEvent } from './events.ts';
import type { VariantPolicy } from './variant-policy.ts';

/** A key, or a list with the newest first. `undefined` is refused at run time: the type allows `process.env.IMAGES_KEY`. */
export type KeyText = string | readonly string[] | undefined;

/**
 * An amount of memory: whole bytes, or a whole number with a unit (`'512KB'`, `'64MB'`, `'1GB'`), where 1 KB is 1024 bytes. The
 * type allows any string, as `Duration` does; it is checked at run time.
 */
export type Memory = number | `${number}${'KB' | 'MB' | 'GB'}` | (string & {});

/**
 * The beginning of the site's delivery URLs:
 *
 * - a URL, for Cloudflare's own domain or a custom domain;
 * - a path, for root-relative URLs, and for no others;
 * - `{ base, accountHash }`, if a rewrite rule leaves the account out of the URL.
 *
 * The base is not part of the signed text.
 * @see https://developers.cloudflare.com/images/optimization/hosted-images/serve-private-images/
 * @example
 * ```ts
 * createSigner({
 *   key: process.env.IMAGES_KEY,
 *   ttl: '1d',
 *   variants: ['thumb'],
 *   delivery: ['https://shop.example/cdn-cgi/imagedelivery', '/cdn-cgi/imagedelivery'],
 * });
 * ```
 */
export type DeliveryOption =
  | string
  | {
      /** The URL or path before the image id. */
      readonly base: string;
      /** The account, which is not in the URL but is part of the signed text. */
      readonly accountHash: string;
    };

/** Options for signers of every store. */
export interface CommonOptions<Variant extends string = string> {
  /**
   * How long a signed URL stays valid: at least `ttl`, at most `ttl + stableFor`. Seconds, or `'15m'`, `'6h'`, `'1d'`. Required.
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '6h', variants: ['thumb'] });
   * ```
   */
  readonly ttl: Duration;
  /**
   * How long the signed URL of an image stays the same, so that caches find it again: seconds, or `'6h'`; at most `ttl`. The
   * expiry moves in steps of this length. With `0`, the URL changes every second.
   * @default a quarter of the variant's ttl
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', stableFor: '12h', variants: ['thumb'] });
   * ```
   */
  readonly stableFor?: Duration | undefined;
  /**
   * Approximate limit of the caches of this signer and its middleware: bytes, or `'64MB'`. The default holds about 10,000
   * images. Memory is allocated only as pages need it. `0` turns the caches off.
   * @default '32MB'
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], memory: '128MB' });
   * ```
   */
  readonly memory?: Memory | undefined;
  /**
   * The variant that a viewer gets instead of an image that `authorize` refuses. It must be `alwaysPublic`.
   * @default none: the URL keeps its variant, and is sent without a token
   * @example
   * ```ts
   * imageSigner({
   *   key: process.env.IMAGES_KEY,
   *   ttl: '1d',
   *   variants: { card: {}, preview: { alwaysPublic: true } },
   *   authorize: (image) => image.id.startsWith('shop/'),
   *   deniedVariant: 'preview',
   * });
   * ```
   */
  readonly deniedVariant?: NoInfer<Variant> | undefined;
  /**
   * Receives an event for everything that was not signed, not rewritten or refused. Errors that it throws are ignored. `false`
   * turns events off.
   * @default in development (`NODE_ENV` is not `production`), process warnings `ImageSignerWarning` that say how to fix each
   *   mistake; in production, nothing
   * @example
   * ```ts
   * imageSigner({ signer, report: (event) => console.warn('image-signer', event) });
   * ```
   */
  readonly report?: ((event: ImageSignerEvent) => void) | false | undefined;
  /**
   * The clock, in milliseconds since 1970. If it is more than a day before the start of the process, nothing is signed and no
   * token is accepted: a clock that was set back must not revive expired tokens. A test sets such a clock before it creates
   * the signer.
   * @default Date.now
   * @example
   * ```ts
   * createSigner({ key: 'test', ttl: '1d', variants: ['thumb'], now: () => Date.UTC(2035, 0, 1) });
   * ```
   */
  readonly now?: (() => number) | undefined;
}

/** Options of a signer for Cloudflare Images. */
export interface CloudflareOptions<Variant extends string = string> extends CommonOptions<Variant> {
  /**
   * The signing key, as the Cloudflare dashboard shows it under Images, Keys. In a list, the first key signs and all of them
   * verify, so you can rotate keys. Required. A key never appears in a message, a log or an event.
   *
   * It can also be a function that returns either, and may be asynchronous. It is called before the first use, and then every
   * `keyRefresh`. If it fails, the last keys stay in use. Until there is a key, requests get `503` and `signImage` throws
   * KEY_UNAVAILABLE, so `await signer.ready()` first.
   * @example
   * ```ts
   * createSigner({ key: ['newest-key', 'older-key'], ttl: '1d', variants: ['thumb'] });
   * createSigner({ key: async () => [await secretOf('images-key')], ttl: '1d', variants: ['thumb'] });
   * ```
   */
  readonly key: KeyText | (() => KeyText | PromiseLike<KeyText>);
  /**
   * How often a `key` function is called again, in the background: seconds, or `'15m'`. There is no timer: the first use after
   * that time calls it, and does not wait for it.
   * @default '5m'
   * @example
   * ```ts
   * createSigner({ key: () => secretOf('images-key'), keyRefresh: '1m', ttl: '1d', variants: ['thumb'] });
   * ```
   */
  readonly keyRefresh?: Duration | undefined;
  /**
   * The variants that may be signed: a list of names, or an object with a policy for every name. Required.
   * @example
   * ```ts
   * createSigner({
   *   key: process.env.IMAGES_KEY,
   *   ttl: '1d',
   *   variants: { thumb: { width: 320 }, card: { width: 640, ttl: '1h' }, preview: { alwaysPublic: true } },
   * });
   * ```
   */
  readonly variants:
    | readonly Variant[]
    | {
        readonly [Name in Variant]: VariantPolicy;
      };
  /**
   * Only images of these accounts are signed. The account hash is the first part of your delivery URLs' path. You need it to
   * sign by image id, which uses the first account of a list.
   * @default any account
   * @example
   * ```ts
   * createSigner({
   *   key: process.env.IMAGES_KEY,
   *   ttl: '1d',
   *   variants: ['thumb'],
   *   accountHash: 'cheeW4oKsx5ljh8e8BoL2A',
   * }).signImage('photo-1', 'thumb');
   * ```
   */
  readonly accountHash?: string | readonly string[] | undefined;
  /**
   * Where the site's delivery URLs begin. Image ids use the first base of a list.
   * @default 'https://imagedelivery.net'
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], delivery: '/cdn-cgi/imagedelivery' });
   * ```
   */
  readonly delivery?: DeliveryOption | readonly DeliveryOption[] | undefined;
  /**
   * Other bases of the same images, for stored URLs: a URL, a path of the site, or `{ base, token }` if URLs carry another store's
   * tokens. A URL under such a base is sent as the same path under the first base of `delivery`, signed. `authorize`, events
   * and `unsignImage` see only that URL. `verifyImage` and the guard do not accept the other bases.
   * @default none
   * @example
   * ```ts
   * createSigner({
   *   key: process.env.IMAGES_KEY,
   *   ttl: '1d',
   *   variants: ['thumb'],
   *   delivery: 'https://shop.example/cdn-cgi/imagedelivery',
   *   from: 'https://imagedelivery.net',
   * });
   * ```
   */
  readonly from?: string | StoredBase | readonly (string | StoredBase)[] | undefined;
}

/**
 * Who may see an image.
 * @typeParam Viewer - the request or context of the entry point
 */
export interface Authorize<Viewer, Image> {
  /**
   * May this viewer see the image? Called before a page or a helper (`req.signImage`, or `signImage` in a view) signs a URL, once
   * per response for every image, variant and base. A signer's methods do not call it. It must be synchronous, and only `true`
   * allows. A refused URL is sent without a token, and the response becomes `private`.
   * @default every viewer may see every image that the other options allow
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('shop/') });
   * ```
   */
  authorize?(image: Image, viewer: Viewer): boolean;
}
