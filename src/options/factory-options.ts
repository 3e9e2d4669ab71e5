/** What the middleware, the guard and the endpoint take besides a signer's options, as docs/reference explains it. */
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { OwnTargetOptions } from './call-options.ts';

/**
 * What the middleware rewrites.
 * @example
 * ```ts
 * imageSigner({ signer, rewrite: { json: true } });
 * ```
 */
export interface RewriteOptions {
  /**
   * Image URLs in `text/html` responses, streamed or whole.
   * @default true
   */
  readonly html?: boolean | undefined;
  /**
   * Image URLs in `Link` headers of rewritten responses, and in early hints (103). And the freshness headers of responses
   * that are not rewritten, if the app got signed URLs for them: they are limited to half of the shortest ttl.
   * @default true
   */
  readonly headers?: boolean | undefined;
  /**
   * Strings that are a delivery URL, in the data of a view: `res.locals` and the options of `res.render`, or `ctx.state`
   * and `ctx.render`. For inline scripts, feeds and mail. Not on by itself, because it signs form values too, which a
   * form would save.
   * @default false
   */
  readonly locals?: boolean | undefined;
  /**
   * String values that are a delivery URL, in JSON responses (also `text/json` and `+json`), in lines of JSON (`text/x-script`,
   * `text/sveltekit-data`, `application/x-ndjson`, `application/jsonl` and others), in `application/json-seq`, in the JSON parts
   * of `multipart/mixed` (GraphQL's `@defer`), and in the events of `text/event-stream` whose data is JSON.
   * @default false
   */
  readonly json?: boolean | undefined;
  /**
   * `'html'`: image URLs in the events of `text/event-stream` whose data is HTML, as htmx, Turbo and Datastar get it. Data that
   * is JSON is left to `json`.
   * @default false
   */
  readonly events?: 'html' | false | undefined;
  /**
   * `Location` of a redirect (301, 302, 303, 307, 308) that is a delivery URL, as that of `/avatar/7` may be. `authorize` is
   * asked, if there is one. Without it a redirect that goes wherever a visitor says (`/login?next=…`) would hand out a token
   * for any image. Such a redirect is `private`, without a tag, and may be kept as long as a page.
   * @default true with `authorize`, false without
   */
  readonly location?: boolean | undefined;
}

/**
 * What the middleware takes besides a signer's options.
 * @typeParam Skip - the arguments of `skip`
 */
export interface MiddlewareOptionsFor<Skip extends readonly unknown[]> extends OwnTargetOptions {
  /**
   * What is rewritten on its way out; `false` leaves only the helpers.
   * @default { html: true, headers: true, locals: false, json: false, events: false }
   * @example
   * ```ts
   * imageSigner({ signer, rewrite: { json: true } });
   * ```
   */
  readonly rewrite?: false | RewriteOptions | undefined;
  /**
   * Leaves a response as it is, if it returns `true`. Called once a response, when the headers go out; synchronous.
   * @default no response is skipped
   * @example
   * ```ts
   * imageSigner({ signer, skip: (req) => req.url?.startsWith('/admin') === true });
   * ```
   */
  skip?(...viewer: Skip): boolean;
}

/**
 * What the guard takes besides a signer's options.
 * @typeParam Image - what `isPublic` is asked about
 */
export interface GuardOptions<Image = DeliveryImage> {
  /**
   * `'report'` lets every request pass, and reports those that `'enforce'` would refuse: for a roll-out.
   * @default 'enforce'
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, mode: 'report', report: (event) => console.warn(event) }));
   * ```
   */
  readonly mode?: 'enforce' | 'report' | undefined;
  /**
   * Makes signed images `public` instead of `private`, for a shared cache in front whose key is the whole URL, query
   * included. A cache that ignores the query would give everybody the image.
   * @default false
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, sharedCache: true }));
   * ```
   */
  readonly sharedCache?: boolean | undefined;
  /**
   * Images that need no token, in any variant of `variants`: those whose `requireSignedURLs` is false at Cloudflare.
   * Synchronous: only `true` lets an image through without a token. Such an answer keeps the app's own freshness.
   * @default every image needs a token
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, isPublic: (image) => image.id.startsWith('press/') }));
   * ```
   */
  isPublic?(image: Image): boolean;
}

/** What the signing endpoint takes besides a signer's options. */
export interface EndpointOptions {
  /**
   * The path that the endpoint answers at, where no router removes it from the URL: a bare server, plain Koa, fetch.
   * Requests for other paths go to `next`, or get `404`.
   * @default none: it answers every request that reaches it
   * @example
   * ```ts
   * createServer(signingEndpoint({ signer, path: '/sign' }));
   * ```
   */
  readonly path?: string | undefined;
  /**
   * Other sites whose pages may read the answers, with cookies too (CORS): as browsers send `Origin`, compared exactly.
   * @default none: only pages of the same site
   * @example
   * ```ts
   * signingEndpoint({ signer, origins: ['https://shop.example'] });
   * ```
   */
  readonly origins?: string | readonly string[] | undefined;
}
