/** What one call of a signer or of a helper takes. */
import type { Duration } from './signer-options.ts';

/**
 * Options of one `signImage` or `signSrcset` call: `ttl` or `expiresAt`, not both.
 * @example
 * ```ts
 * signer.signImage('photo-1', 'thumb', { ttl: '5m' });
 * ```
 */
export interface SignOptions {
  /**
   * How long this URL stays valid at least: seconds, or `'15m'`.
   * @default the variant's ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * When this URL expires, exactly: a `Date`, rounded down to seconds, or whole Unix seconds (not milliseconds).
   * @default computed from `ttl` and `stableFor`
   * @example
   * ```ts
   * signer.signImage('photo-1', 'thumb', { expiresAt: new Date('2035-01-01') });
   * ```
   */
  readonly expiresAt?: Date | number | undefined;
}

/**
 * Options of a helper of one response, such as `req.signImage` or `signImage` in a view.
 * @example
 * ```ts
 * app.get('/receipt', (req, res) => res.json({ url: req.signImage('photo-1', 'thumb', { authorize: false }) }));
 * ```
 */
export interface HelperOptions extends SignOptions {
  /**
   * `false`: the app has decided that this viewer may see the image, and `authorize` is not asked.
   * @default true
   */
  readonly authorize?: boolean | undefined;
}

/**
 * Options of `signData` of one response, such as `req.signData`.
 * @example
 * ```ts
 * const post = { body: '![](https://imagedelivery.net/a/photo-1/thumb)' };
 * app.get('/post', (req, res) => res.json(req.signData(post, { fields: { body: 'markdown' } })));
 * ```
 */
export interface DataOptions {
  /**
   * Names of members, at any depth, whose strings hold HTML, Markdown or JSON of their own.
   * @default the option `fields` of the middleware; for a signer, none
   */
  readonly fields?: Readonly<Record<string, 'html' | 'markdown' | 'json'>> | undefined;
  /**
   * How long the images of the data stay valid at least: seconds, or `'15m'`.
   * @default each variant's ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * `false`: the app has decided that this viewer may see the images, and `authorize` is not asked.
   * @default true
   */
  readonly authorize?: boolean | undefined;
}

/**
 * Options of `signData` of a signer.
 * @example
 * ```ts
 * signer.signData({ body: '![](https://imagedelivery.net/a/photo-1/thumb)' }, { fields: { body: 'markdown' }, ttl: '7d' });
 * ```
 */
export interface SignDataOptions extends DataOptions {
  /**
   * What `authorize` is asked with, in the place of a request.
   * @default undefined
   */
  readonly request?: unknown;
}
