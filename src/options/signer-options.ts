/**
 * What a signer is made of, as docs/reference/options.md explains it. Who a viewer is, each entry says: here no framework is
 * known, nor Node.js.
 */

import type { StoredBase } from '../schemes/definition.ts';
import type { Duration } from '../text/duration.ts';
import type { ImageSignerEvent } from './events.ts';
import type { VariantPolicy } from './variant-policy.ts';

/** The text of a key, or a list with the newest first. `undefined` is refused: it lets `process.env.IMAGES_KEY` stand here. */
export type KeyText = string | readonly string[] | undefined;

/**
 * An amount of memory: whole bytes, or a whole number with a unit of 1024: `'512KB'`, `'64MB'`, `'1GB'`. Any string has the
 * type, as for `Duration`.
 */
export type Memory = number | `${number}${'KB' | 'MB' | 'GB'}` | (string & {});

/**
 * The beginning of the site's delivery URLs:
 *
 * - a URL, for Cloudflare's own domain or a custom one;
 * - a path, for references that are relative to the root; it matches no other kind of URL;
 * - `{ base, accountHash }`, where a rewrite rule leaves the account out of the URL.
 *
 * Cloudflare does not sign the base.
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
      /** The URL or path that the image id follows. */
      readonly base: string;
      /** The account that the URL leaves out. It is part of what is signed. */
      readonly accountHash: string;
    };

/** What every signer takes, whatever store its images are in. */
export interface CommonOptions<Variant extends string = string> {
  /**
   * How long a signed URL stays valid at least: seconds, or `'15m'`. At most, it is valid for `ttl + stableFor`. Required.
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '6h', variants: ['thumb'] });
   * ```
   */
  readonly ttl: Duration;
  /**
   * Expiry moves in steps of this length, so that a URL stays the same, and cached, within a step: seconds, or `'6h'`;
   * at most `ttl`. `0` turns it off, and gives an image a new URL each second.
   * @default a quarter of the variant's ttl
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', stableFor: '12h', variants: ['thumb'] });
   * ```
   */
  readonly stableFor?: Duration | undefined;
  /**
   * How much memory the caches of this signer and of its middleware take at most, about: bytes, or `'64MB'`. An eighth is
   * for signed URLs, half for attribute values, the rest for whole pages. By the default, a site that shows 10,000
   * images in turn finds nearly all of them signed. It is taken only as pages need it. `0` keeps nothing: each URL is
   * signed anew.
   * @default '32MB'
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], memory: '128MB' });
   * ```
   */
  readonly memory?: Memory | undefined;
  /**
   * A variant with `alwaysPublic` that replaces the variant of a URL that `authorize` refuses.
   * @default none: the URL keeps its variant, and goes out without a token
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
   * Called with what was skipped, passed or refused. What it throws is ignored. `false` is silence.
   * @default in development (`NODE_ENV` is not `production`), each kind of event once, as a process warning
   *   `ImageSignerWarning` that says how to fix it; in production nothing
   * @example
   * ```ts
   * imageSigner({ signer, report: (event) => console.warn('image-signer', event) });
   * ```
   */
  readonly report?: ((event: ImageSignerEvent) => void) | false | undefined;
  /**
   * The clock, in milliseconds since 1970. While it shows a time of more than a day before the process began, nothing is
   * signed and no token is accepted, so that a clock that was set back does not bring expired tokens to life. A test
   * that sets the clock back makes its signer after that.
   * @default Date.now
   * @example
   * ```ts
   * createSigner({ key: 'test', ttl: '1d', variants: ['thumb'], now: () => Date.UTC(2035, 0, 1) });
   * ```
   */
  readonly now?: (() => number) | undefined;
}

/** What a signer for Cloudflare Images is made of. */
export interface CloudflareOptions<Variant extends string = string> extends CommonOptions<Variant> {
  /**
   * The signing key's text, as the Cloudflare dashboard shows it under Images, Keys. In a list, the first key signs and
   * all of them verify: that is how to rotate keys. Required. A key never appears in a message, a log or an event.
   *
   * Or a function that gives either, and may be asynchronous. It is asked before the first use, and again every
   * `keyRefresh`; while it fails, the last keys that it gave stay in use. Until it has given one, requests get `503`, and
   * `signImage` throws KEY_UNAVAILABLE: await `signer.ready()` first.
   * @example
   * ```ts
   * createSigner({ key: ['newest-key', 'older-key'], ttl: '1d', variants: ['thumb'] });
   * createSigner({ key: async () => [await secretOf('images-key')], ttl: '1d', variants: ['thumb'] });
   * ```
   */
  readonly key: KeyText | (() => KeyText | PromiseLike<KeyText>);
  /**
   * How soon a `key` that is a function is asked again: seconds, or `'15m'`. There is no timer: it is asked by the first
   * use after that, which does not wait for the answer.
   * @default '5m'
   * @example
   * ```ts
   * createSigner({ key: () => secretOf('images-key'), keyRefresh: '1m', ttl: '1d', variants: ['thumb'] });
   * ```
   */
  readonly keyRefresh?: Duration | undefined;
  /**
   * The allowlist: URLs of other variants are not signed. A map gives each variant a policy. Required.
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
   * Signs the images of these accounts only: the first part of your delivery URLs. In a list, the first one is used to
   * sign image ids, which `signImage` refuses without it.
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
   * The beginning of the site's delivery URLs. In a list, the first one is used to sign image ids.
   * @default 'https://imagedelivery.net'
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], delivery: '/cdn-cgi/imagedelivery' });
   * ```
   */
  readonly delivery?: DeliveryOption | readonly DeliveryOption[] | undefined;
  /**
   * Other bases under which the same images are stored: a URL, a path of the site, or `{ base, token }` where URLs carry
   * tokens of another store. A URL under one is the image at the same path under the first base of `delivery`: it goes out
   * as that, signed, and `authorize`, events and `unsignImage` see nothing else. `verifyImage` and the guard take none.
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
 * @typeParam Viewer - what is asked with: the request or context of the entry point
 */
export interface Authorize<Viewer, Image> {
  /**
   * May this viewer see the image? Asked once for each image, variant and base in a response, before a URL in a page is signed,
   * and before a helper of the response signs one: `req.signImage`, and `signImage` in views. Not asked by the methods of
   * a signer, which know no viewer. Synchronous: only `true` allows. A URL that it refuses goes out without a token, and
   * whatever it was asked for goes out `private`.
   * @default every viewer may see every image that the other options allow
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('shop/') });
   * ```
   */
  authorize?(image: Image, viewer: Viewer): boolean;
}
