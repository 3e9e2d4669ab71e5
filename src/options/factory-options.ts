/** The options of middleware, guard and endpoint besides a signer's, as docs/reference explains them. */
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { OwnTargetOptions } from './call-options.ts';

/**
 * Which parts of a response the middleware rewrites.
 * @example
 * ```ts
 * imageSigner({ signer, rewrite: { json: true } });
 * ```
 */
export interface RewriteOptions {
  /**
   * Signs image URLs in `text/html` responses, streamed or whole.
   * @default true
   */
  readonly html?: boolean | undefined;
  /**
   * Signs image URLs in the `Link` headers of rewritten responses, and in early hints (103). If a helper signs URLs for a
   * response that is not rewritten, its freshness headers are limited to half of the shortest ttl.
   * @default true
   */
  readonly headers?: boolean | undefined;
  /**
   * Signs strings that are a delivery URL in view data (`res.locals` and the options of `res.render`, or `ctx.state` and
   * `ctx.render`): for inline scripts, feeds and mail. Off by default, because it also signs form values, which the form would
   * save.
   * @default false
   */
  readonly locals?: boolean | undefined;
  /**
   * Signs string values that are a delivery URL: in JSON responses (also `text/json` and `+json`), JSON lines (`text/x-script`,
   * `text/sveltekit-data`, `application/x-ndjson`, `application/jsonl` and others), `application/json-seq`, the JSON parts of
   * `multipart/mixed` (GraphQL's `@defer`), and events of `text/event-stream` whose data is JSON.
   * @default false
   */
  readonly json?: boolean | undefined;
  /**
   * `'html'` signs image URLs in events of `text/event-stream` whose data is HTML, for htmx, Turbo and Datastar. For events with
   * JSON, set `json`.
   * @default false
   */
  readonly events?: 'html' | false | undefined;
  /**
   * Signs a `Location` that is a delivery URL, in redirects (301, 302, 303, 307, 308) such as `/avatar/7`. Off without `authorize`:
   * a redirect to a visitor's choice (`/login?next=…`) would hand out a token for any image. A signed redirect is `private`, has
   * no `ETag`, and may be cached as long as a page.
   * @default true with `authorize`, false without
   */
  readonly location?: boolean | undefined;
}

/**
 * Options of the middleware besides a signer's.
 * @typeParam Skip - the arguments of `skip`
 */
export interface MiddlewareOptionsFor<Skip extends readonly unknown[]> extends OwnTargetOptions {
  /**
   * Which responses are rewritten. `false` leaves only the helpers.
   * @default { html: true, headers: true, locals: false, json: false, events: false }
   * @example
   * ```ts
   * imageSigner({ signer, rewrite: { json: true } });
   * ```
   */
  readonly rewrite?: false | RewriteOptions | undefined;
  /**
   * Returns `true` to leave a response alone. Called once per response, when its headers are sent. It must be synchronous.
   * @default no response is skipped
   * @example
   * ```ts
   * imageSigner({ signer, skip: (req) => req.url?.startsWith('/admin') === true });
   * ```
   */
  skip?(...viewer: Skip): boolean;
}

/**
 * Options of the guard besides a signer's.
 * @typeParam Image - the image that `isPublic` receives
 */
export interface GuardOptions<Image = DeliveryImage> {
  /**
   * `'report'` refuses nothing, and reports the requests that `'enforce'` would refuse: for a roll-out.
   * @default 'enforce'
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, mode: 'report', report: (event) => console.warn(event) }));
   * ```
   */
  readonly mode?: 'enforce' | 'report' | undefined;
  /**
   * Sends signed images as `public` instead of `private`, for a shared cache in front. Its key must be the whole URL, query
   * included, or everybody gets the image.
   * @default false
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, sharedCache: true }));
   * ```
   */
  readonly sharedCache?: boolean | undefined;
  /**
   * Returns `true` for an image that needs no token, in any of your `variants`: at Cloudflare, its `requireSignedURLs` is false. It
   * must be synchronous, and only `true` counts. The response keeps the app's cache headers.
   * @default every image needs a token
   * @example
   * ```ts
   * app.use('/images', imageGuard({ signer, isPublic: (image) => image.id.startsWith('press/') }));
   * ```
   */
  isPublic?(image: Image): boolean;
}

/** Options of the signing endpoint besides a signer's. */
export interface EndpointOptions {
  /**
   * The endpoint's path, if no router removes it from the URL: on a bare server, in plain Koa, over fetch. Requests for other
   * paths go to `next`, or get `404`.
   * @default none: it answers every request that reaches it
   * @example
   * ```ts
   * createServer(signingEndpoint({ signer, path: '/sign' }));
   * ```
   */
  readonly path?: string | undefined;
  /**
   * Other sites whose pages may call the endpoint, with cookies too (CORS). They are compared exactly with the `Origin` header.
   * @default none: only pages of the same site
   * @example
   * ```ts
   * signingEndpoint({ signer, origins: ['https://shop.example'] });
   * ```
   */
  readonly origins?: string | readonly string[] | undefined;
}
