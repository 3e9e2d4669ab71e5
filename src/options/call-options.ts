/** The options of a single call of a signer or a helper. */
import type { TextReader } from '../rewriting/options.ts';
import type { Duration } from '../text/duration.ts';

/**
 * Options of one `signImage` or `signSrcset` call: `ttl` or `expiresAt`, not both.
 * @example
 * ```ts
 * signer.signImage('photo-1', 'thumb', { ttl: '5m' });
 * ```
 */
export interface SignOptions {
  /**
   * How long this URL stays valid, at least: seconds, or `'15m'`.
   * @default the variant's ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * The exact expiry of this URL: a `Date`, rounded down to seconds, or whole Unix seconds (not milliseconds).
   * @default computed from `ttl` and `stableFor`
   * @example
   * ```ts
   * signer.signImage('photo-1', 'thumb', { expiresAt: new Date('2035-01-01') });
   * ```
   */
  readonly expiresAt?: Date | number | undefined;
}

/**
 * Options of a response's helpers, such as `req.signImage` or `signImage` in a view.
 * @example
 * ```ts
 * app.get('/receipt', (req, res) => res.json({ url: req.signImage('photo-1', 'thumb', { authorize: false }) }));
 * ```
 */
export interface HelperOptions extends SignOptions {
  /**
   * `false` if the app has decided that this viewer may see the image: `authorize` is not called.
   * @default true
   */
  readonly authorize?: boolean | undefined;
}

/**
 * Options of a response's `signData`, such as `req.signData`.
 * @example
 * ```ts
 * const post = { body: '![](https://imagedelivery.net/a/photo-1/thumb)' };
 * app.get('/post', (req, res) => res.json(req.signData(post, { fields: { body: markdown } })));
 * ```
 */
export interface DataOptions {
  /**
   * Names of members, at any depth, whose strings hold HTML, JSON or Markdown.
   * @default the middleware's option `fields`; for a signer, none
   */
  readonly fields?: Readonly<Record<string, 'html' | 'json' | TextReader>> | undefined;
  /**
   * How long the URLs in the data stay valid, at least: seconds, or `'15m'`.
   * @default the variants' own ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * `false` if the app has decided that this viewer may see the images: `authorize` is not called.
   * @default true
   */
  readonly authorize?: boolean | undefined;
}

/**
 * Options of a signer's `signData`.
 * @example
 * ```ts
 * signer.signData({ body: '![](https://imagedelivery.net/a/photo-1/thumb)' }, { fields: { body: markdown }, ttl: '7d' });
 * ```
 */
export interface SignDataOptions extends DataOptions {
  /**
   * Passed to `authorize` instead of a request.
   * @default undefined
   */
  readonly request?: unknown;
}

/**
 * The candidates of a `srcset`: variants with their descriptors, either all widths (`w`) or all densities (`x`).
 * @see https://html.spec.whatwg.org/multipage/images.html#srcset-attributes
 * @example
 * ```ts
 * signer.signSrcset('photo-1', { thumb: '1x', card: '2x' });
 * ```
 */
export type Candidates<Variant extends string = string> = { readonly [Name in Variant]?: string };

/** Where else the site has image URLs, for a middleware and for `rewriteHtml`. */
export interface OwnTargetOptions {
  /**
   * Your own attributes with image URLs, and what they hold: one URL, a `srcset`, CSS, JSON or HTML. A `data-*` attribute that is
   * one URL needs no entry.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, attributes: { hero: 'url', images: 'srcset', look: 'css' } });
   * ```
   */
  readonly attributes?: Readonly<Record<string, 'url' | 'srcset' | 'css' | 'json' | 'html'>> | undefined;
  /**
   * Your own types of `<script>` with data or templates, by MIME type without parameters.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, scripts: { 'text/x-my-data': 'json' } });
   * ```
   */
  readonly scripts?: Readonly<Record<string, 'json' | 'html'>> | undefined;
  /**
   * JSON members, at any depth, whose strings hold HTML, JSON or Markdown. They apply wherever JSON is rewritten: in bodies,
   * scripts, attributes and view data.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, rewrite: { json: true }, fields: { content: 'html', body: markdown } });
   * ```
   */
  readonly fields?: Readonly<Record<string, 'html' | 'json' | TextReader>> | undefined;
  /**
   * CSS custom properties whose value is a string with an image URL, for `image-set(var(--hero))` and scripts. A `url()` needs
   * no entry; other strings in CSS are URLs only in `image-set()` and `@import`.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, customProperties: ['--hero'] }); // --hero: "https://imagedelivery.net/…"
   * ```
   */
  readonly customProperties?: readonly string[] | undefined;
}

/**
 * Options for a page that is rewritten outside of a response.
 * @example
 * ```ts
 * signer.rewriteHtml('<p hero="/images/a/photo-1/card">', { ttl: '7d', attributes: { hero: 'url' } });
 * ```
 */
export interface RewriteHtmlOptions extends OwnTargetOptions {
  /**
   * How long the page's URLs stay valid, at least: seconds, or `'15m'`.
   * @default the variants' own ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * Passed to `authorize` instead of a request.
   * @default undefined
   */
  readonly request?: unknown;
}
