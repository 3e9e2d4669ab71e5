/** What one call of a signer or of a helper takes. */
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
 * app.get('/post', (req, res) => res.json(req.signData(post, { fields: { body: markdown } })));
 * ```
 */
export interface DataOptions {
  /**
   * Names of members, at any depth, whose strings hold HTML, JSON or Markdown of their own.
   * @default the option `fields` of the middleware; for a signer, none
   */
  readonly fields?: Readonly<Record<string, 'html' | 'json' | TextReader>> | undefined;
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
 * signer.signData({ body: '![](https://imagedelivery.net/a/photo-1/thumb)' }, { fields: { body: markdown }, ttl: '7d' });
 * ```
 */
export interface SignDataOptions extends DataOptions {
  /**
   * What `authorize` is asked with, in the place of a request.
   * @default undefined
   */
  readonly request?: unknown;
}

/**
 * The candidates of a `srcset`: variants and their descriptors, all widths (`w`) or all densities (`x`).
 * @see https://html.spec.whatwg.org/multipage/images.html#srcset-attributes
 * @example
 * ```ts
 * signer.signSrcset('photo-1', { thumb: '1x', card: '2x' });
 * ```
 */
export type Candidates<Variant extends string = string> = { readonly [Name in Variant]?: string };

/** The site's own places for image URLs: in whatever a middleware rewrites, and in one page. */
export interface OwnTargetOptions {
  /**
   * The site's own attributes that hold image URLs, by name: one URL, a `srcset`, CSS, JSON or HTML. `data-*` attributes that are
   * one URL need no entry.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, attributes: { hero: 'url', images: 'srcset', look: 'css' } });
   * ```
   */
  readonly attributes?: Readonly<Record<string, 'url' | 'srcset' | 'css' | 'json' | 'html'>> | undefined;
  /**
   * The site's own types of `script` that hold data or templates, by MIME type without parameters.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, scripts: { 'text/x-my-data': 'json' } });
   * ```
   */
  readonly scripts?: Readonly<Record<string, 'json' | 'html'>> | undefined;
  /**
   * Names of JSON members, at any depth, whose strings hold HTML, JSON or Markdown of their own. They count wherever JSON
   * is rewritten: in bodies, scripts, attributes and the data of views.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, rewrite: { json: true }, fields: { content: 'html', body: markdown } });
   * ```
   */
  readonly fields?: Readonly<Record<string, 'html' | 'json' | TextReader>> | undefined;
  /**
   * Custom properties of CSS whose value is a string that holds an image URL, for `image-set(var(--hero))` and scripts.
   * Elsewhere in CSS, a string outside of `image-set()` and `@import` is never a URL; a `url()` always is one.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, customProperties: ['--hero'] }); // --hero: "https://imagedelivery.net/…"
   * ```
   */
  readonly customProperties?: readonly string[] | undefined;
}

/**
 * Options of one page that is rewritten outside of a response.
 * @example
 * ```ts
 * signer.rewriteHtml('<p hero="/images/a/photo-1/card">', { ttl: '7d', attributes: { hero: 'url' } });
 * ```
 */
export interface RewriteHtmlOptions extends OwnTargetOptions {
  /**
   * How long the page's images stay valid at least: seconds, or `'15m'`.
   * @default each variant's ttl
   */
  readonly ttl?: Duration | undefined;
  /**
   * What `authorize` is asked with, in the place of a request.
   * @default undefined
   */
  readonly request?: unknown;
}
