/**
 * What users write: every option of every factory, as docs/reference/options.md explains them. Who a viewer is, each entry says: here
 * no framework is known, nor Node.js.
 * Longer than most files: most of it is documentation, which editors show.
 */
import type { DeliveryImage } from '../schemes/bound.ts';
import type { MatchedImage, Scheme } from '../schemes/definition.ts';
import type { NameProblem } from '../schemes/object-name.ts';

export type { DeliveryImage } from '../schemes/bound.ts';

/** The text of a key, or a list with the newest first. `undefined` is refused: it lets `process.env.IMAGES_KEY` stand here. */
export type KeyText = string | readonly string[] | undefined;

/** A length of time: whole seconds (`3600`), or a whole number with a unit: `'90s'`, `'15m'`, `'6h'`, `'1d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

/** An amount of memory: whole bytes, or a whole number with a unit of 1024: `'512KB'`, `'64MB'`, `'1GB'`. */
export type Memory = number | `${number}${'KB' | 'MB' | 'GB'}`;

/**
 * What holds for one variant.
 * @example
 * ```ts
 * const variants = { thumb: { width: 320 }, card: { ttl: '1h' }, preview: { alwaysPublic: true } } as const;
 * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants });
 * ```
 */
export interface VariantPolicy {
  /**
   * How long a signed URL of this variant stays valid at least: seconds, or `'15m'`.
   * @default the option `ttl`
   */
  readonly ttl?: Duration | undefined;
  /**
   * Set this for a variant that has "Always allow public access" at Cloudflare. It is never signed, and a token that
   * its URL carries is removed.
   * @default false
   */
  readonly alwaysPublic?: boolean | undefined;
  /**
   * Width in CSS pixels. `signSrcset` without candidates uses the variants that have one.
   * @default none: `signSrcset` leaves this variant out unless it is named
   */
  readonly width?: number | undefined;
  /**
   * Height in CSS pixels. It changes nothing.
   * @default none
   */
  readonly height?: number | undefined;
}

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

/**
 * What `report` is called with. URLs in events carry no token, and no text in them can forge a line of a log.
 *
 * - `skipped`: a URL was left as it was, or went out without a token, or was signed without a parameter.
 * - `passed`: a response, or a part of one, was left as it was.
 * - `refused`: the guard refused a request, or the endpoint did not sign a URL.
 * - `rewritten`: a response was rewritten: how many URLs were signed, for logs and metrics.
 * - `installed-twice`: two middlewares with different options handle one response; the later one's options hold.
 * - `installed-late`: a route of Express stands before the middleware, so its responses are not signed.
 * - `key-unavailable`: the function `key` failed; the last keys that it gave stay in use.
 * - `key-ends-early`: credentials end before the ttl is over, and the URLs with them.
 * @example
 * ```ts
 * imageSigner({ signer, report: (event) => console.warn('image-signer', event) });
 * ```
 */
export type ImageSignerEvent = (
  | {
      /** A URL was left as it was, or went out without a token, or was signed without a parameter. */
      readonly type: 'skipped';
      /** The URL, without a token. */
      readonly url: string;
      /** Why. */
      readonly reason: SkipReason;
      /** For `encoded-path`: the image id as plain text, as `signImage` takes it. */
      readonly id?: string;
      /** For `not-under-delivery`: the entry of `delivery` that would match. */
      readonly delivery?: string;
      /** For `object-name`: what is wrong with the name. */
      readonly problem?: NameProblem;
      /** For `parameter-not-allowed`: the name of the parameter. Absent if it may be a key. */
      readonly parameter?: string;
    }
  | {
      /** A response, or a part of one, was left as it was. */
      readonly type: 'passed';
      /** Why. */
      readonly reason: PassReason;
    }
  | {
      /** The guard refused a request, or the endpoint did not sign a URL. */
      readonly type: 'refused';
      /** The URL, without a token. */
      readonly url: string;
      /** Why. */
      readonly reason: RefusalReason;
    }
  | {
      /** The body of a response was rewritten, to its last byte. Causes no warning, and does not occur for `HEAD`. */
      readonly type: 'rewritten';
      /** How many delivery URLs of the body got a new token. A URL that occurs twice counts twice. */
      readonly signed: number;
      /** How many had a token that is still valid for long enough. */
      readonly kept: number;
      /** How many under a base of `delivery` were left alone, for their variant, account or path. */
      readonly skipped: number;
      /** How many `authorize` has refused. */
      readonly denied: number;
      /** The length of the rewritten body, before it is encoded. */
      readonly bytes: number;
    }
  | {
      /** Two middlewares with different options handle one response. Reported once for each middleware. */
      readonly type: 'installed-twice';
    }
  | {
      /** A route of Express stands before the middleware. Reported once for each middleware. */
      readonly type: 'installed-late';
      /** The first such route: `'GET /gallery'`. */
      readonly route: string;
    }
  | {
      /** The function `key` threw, was rejected, did not answer for ten seconds, or gave something that is no key. */
      readonly type: 'key-unavailable';
      /** What it threw, or what was wrong with its answer. */
      readonly error: unknown;
      /** Whether the last keys that it gave stay in use. Otherwise nothing can be signed or verified yet. */
      readonly hasKey: boolean;
    }
  | {
      /**
       * Credentials end before the ttl is over. No URL outlives them, and no page its URLs. Reported once for each
       * credentials, as the first page is signed that this concerns.
       */
      readonly type: 'key-ends-early';
      /** The name of the scheme: `'s3'`. */
      readonly scheme: string;
      /** When they end, in Unix seconds. */
      readonly endsAt: number;
    }
) & {
  /** The request: its method and path, without the query. Absent outside of a request, as in `signer.rewriteHtml`. */
  readonly page?: string;
};

/**
 * Why a URL was not signed.
 *
 * - `variant-not-allowed`: its variant is not in `variants`.
 * - `account-not-allowed`: its account is not in `accountHash`.
 * - `not-under-delivery`: it looks like an image of Cloudflare Images, but no base of `delivery` matches.
 * - `encoded-path`: its path is percent-encoded in another way than Cloudflare signs it, such as `a%2Cb`.
 * - `variant-missing`: it ends with the image id.
 * - `trailing-slash`: it ends with a slash.
 * - `too-many-parameters`: its query has more than 64 parameters, or more than 2048 characters.
 * - `object-name`: a scheme does not sign it for the name of its object, such as one with `%2F`.
 * - `parameter-not-allowed`: it was signed, but without a parameter that the scheme's option `parameters` does not list.
 *   Reported once for each name.
 * - `not-a-delivery-url`: a view called a helper with something else, or the path is not one that Cloudflare signs.
 * - `not-authorized`: `authorize` returned something other than `true`.
 * - `authorize-threw`: `authorize` threw.
 * - `authorize-not-synchronous`: `authorize` returned a promise. Do the asynchronous part in an earlier middleware.
 * - `scheme-failed`: a scheme of the app's own threw, or returned something other than a URL under its base.
 * - `white-space-in-url`: a value that may also be a text would be one URL but for white space in its path.
 * - `markup-in-script`: its source holds a bare `<` or `>` in a script, which may decide where the script ends.
 */
export type SkipReason =
  | 'variant-not-allowed'
  | 'account-not-allowed'
  | 'not-under-delivery'
  | 'encoded-path'
  | 'variant-missing'
  | 'trailing-slash'
  | 'too-many-parameters'
  | 'object-name'
  | 'parameter-not-allowed'
  | 'not-a-delivery-url'
  | 'not-authorized'
  | 'authorize-threw'
  | 'authorize-not-synchronous'
  | 'scheme-failed'
  | 'white-space-in-url'
  | 'markup-in-script';

/**
 * Why a response, or a part of one, was left as it was.
 *
 * - `too-long`: a tag, CSS token or JSON string is longer than 64 KiB. The rest of the page is rewritten.
 * - `encoding`: the body has a `Content-Encoding` that cannot be decoded here, or several.
 * - `charset`: the page is in UTF-16, UTF-32, UTF-7 or ISO-2022-JP.
 * - `corrupt-body`: the encoded body turned out to be broken. It went out as it came, or was cut off.
 * - `no-transform`: `Cache-Control: no-transform` forbids changes (RFC 9111, 5.2.2.6).
 * - `partial-content`: the response is a part of a page (`206`, or `Content-Range`).
 * - `style-hash`: `Content-Security-Policy` allows styles by their hash, so CSS was left alone; the rest was rewritten.
 * - `header`: Node.js did not accept the signed value of `Link`, so the header was left alone.
 * - `script-state`: a script that is not rewritten may hold delivery URLs, which stay unsigned: the state of a framework, for
 *   example. Reported once for each middleware.
 * - `skip-threw`: `skip` threw. The response was rewritten.
 * - `skip-not-synchronous`: `skip` returned a promise. The response was rewritten.
 * - `too-many-signatures`: the response had no more signatures of its scheme (`maxSignatures`), so URLs stayed plain.
 * - `skip-not-boolean`: `skip` returned something that counts as true, but only `true` skips. The response was rewritten.
 * - `late-ttl`: after the headers were sent, a URL was signed or found that expires before caches drop the response.
 * - `late-authorize`: a helper asked `authorize` after headers had been sent that let a shared cache keep the response.
 * - `too-many-encoded`: so many encoded pages were open that this one, which was streamed, was not decoded.
 * - `http2-stream`: the app sent a page by `response.stream` of HTTP/2, or pushed one, past this package.
 * - `internal-error`: the clock cannot be right (see `now`), or this package has a bug: please report it. The page
 *   goes out unsigned from there on.
 */
export type PassReason =
  | 'too-long'
  | 'encoding'
  | 'charset'
  | 'corrupt-body'
  | 'no-transform'
  | 'partial-content'
  | 'style-hash'
  | 'header'
  | 'script-state'
  | 'skip-threw'
  | 'skip-not-synchronous'
  | 'too-many-signatures'
  | 'skip-not-boolean'
  | 'late-ttl'
  | 'late-authorize'
  | 'too-many-encoded'
  | 'http2-stream'
  | 'internal-error';

/**
 * Why a URL does not verify; the first of these that holds.
 *
 * - `not-a-delivery-url`: it is under no base of `delivery`, or its path is spelled in another way than it is signed.
 * - `account-not-allowed`: its account is not in `accountHash`.
 * - `variant-not-allowed`: its variant is not in `variants`.
 * - `missing-signature`: it has neither `exp` nor `sig`.
 * - `malformed-signature`: `exp` or `sig` is missing, given twice, in another place or form than Cloudflare's.
 * - `bad-signature`: no key of the signer made this signature, or the URL was changed.
 * - `expired`: the signature is right, and its time is over.
 */
export type VerificationFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'missing-signature'
  | 'malformed-signature'
  | 'bad-signature'
  | 'expired';

/**
 * Why the guard refused a request, or the endpoint did not sign a URL. The client gets no reason. Besides the reasons of
 * `VerificationFailure`:
 *
 * - `not-authorized`: the endpoint's `authorize` returned something other than `true`.
 * - `authorize-threw`: the endpoint's `authorize` threw, or its promise was rejected.
 * - `untrusted-clock`: the clock cannot be right (see `now`).
 */
export type RefusalReason = VerificationFailure | 'not-authorized' | 'authorize-threw' | 'untrusted-clock';

/**
 * What a signer is made of.
 * @typeParam Viewer - what `authorize` is asked with: the request or context of the entry point
 * @typeParam Subject - the image that it is asked about
 */
export interface SignerOptionsFor<Viewer, Variant extends string = string, Subject = DeliveryImage> {
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
   * How long a signed URL stays valid at least: seconds, or `'15m'`. At most, it is valid for `ttl + stableFor`. Required.
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '6h', variants: ['thumb'] });
   * ```
   */
  readonly ttl: Duration;
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
   * images in turn finds nearly all of them signed. It is taken only as pages need it.
   * @default '32MB'
   * @example
   * ```ts
   * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], memory: '128MB' });
   * ```
   */
  readonly memory?: Memory | undefined;
  /**
   * May this viewer see the image? Asked once for each image and variant in a response, before a URL in a page is signed,
   * and before a helper of the response signs one: `req.signImage`, and `signImage` in views. Not asked by the methods of
   * a signer, which know no viewer. Synchronous: only `true` allows. A URL that it refuses goes out without a token, and
   * whatever it was asked for goes out `private`.
   * @default every viewer may see every image of `variants` and `accountHash`
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('shop/') });
   * ```
   */
  authorize?(image: Subject, viewer: Viewer): boolean;
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
   *   `ImageSignerWarning` that says how to mend it; in production nothing
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

/** An image of a scheme other than Cloudflare Images: what `match` of the scheme finds, and where it stands. */
export type SchemeImage<Image extends MatchedImage = MatchedImage> = Image & {
  /** The URL, without a token. */
  readonly url: string;
  /** The base that the URL begins with, as the scheme's options give it. */
  readonly base: string;
};

/** One, or a list. */
type OneOrMore<One> = One | readonly One[];

/**
 * What a signer is made of, if it signs for other image stores than Cloudflare Images.
 * @typeParam Viewer - as in `SignerOptionsFor`
 */
export interface SchemeOptionsFor<Viewer, Image extends MatchedImage = MatchedImage>
  extends Pick<
    SignerOptionsFor<Viewer>,
    'ttl' | 'stableFor' | 'memory' | 'report' | 'now' | 'deniedVariant'
  > {
  /**
   * A token scheme of `image-signer/schemes`, or a list: the first that knows a URL signs it. It takes the place of `key`,
   * `variants`, `accountHash` and `delivery`.
   * @example
   * ```ts
   * createSigner({ scheme: bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: ['uploads/'] }), ttl: '1d' });
   * ```
   */
  // Of any image too: as long as `Image` is not inferred, the compiler would take a scheme for that of another kind of
  // options, and give the arguments of `authorize` no type.
  readonly scheme: OneOrMore<Scheme<Image>> | OneOrMore<Scheme>;
  /**
   * May this viewer see the image? As in the options for Cloudflare Images.
   * @default every viewer may see every image that the scheme allows
   * @example
   * ```ts
   * imageSigner({ signer, authorize: (image) => image.id.startsWith('uploads/') });
   * ```
   */
  authorize?(image: SchemeImage<Image>, viewer: Viewer): boolean;
}

/** Options that may be given with `signer`, and then replace the signer's own. */
type Overridable = 'authorize' | 'deniedVariant' | 'report';

/** The other options are the signer's, and cannot be given twice. */
type NotWithSigner = {
  readonly [Name in Exclude<keyof SignerOptionsFor<unknown> | 'scheme', Overridable>]?: never;
};

/** The options of Cloudflare Images, whose place the option `scheme` takes. */
type NotWithScheme = {
  readonly [Name in 'key' | 'keyRefresh' | 'variants' | 'accountHash' | 'delivery' | 'signer']?: never;
};

/**
 * Options of a signer for Cloudflare Images, or for another store by `scheme`.
 * @typeParam Subject - the image that `authorize` is asked about without `scheme`. A function names it `SchemeImage<Image>`,
 *   with an `Image` that is a `DeliveryImage` unless a scheme says otherwise: if the two kinds of options had an
 *   `authorize` of different types, the compiler would infer no parameters of an arrow function.
 */
export type AnySignerOptions<
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (SignerOptionsFor<Viewer, Variant, Subject> & {
      /** In place of the options of Cloudflare Images. */
      readonly scheme?: never;
    })
  | (SchemeOptionsFor<Viewer, Image> & NotWithScheme);

/** What a factory takes: a signer's options, or a signer that was made before. */
export type WithSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (AnySignerOptions<Viewer, Variant, Image, Subject> & {
      /** Not beside a signer's own options. */
      readonly signer?: never;
    })
  | ({
      /** A signer of `createSigner`, so that middleware, guard and endpoint share one. */
      readonly signer: Signer;
    } & Pick<SignerOptionsFor<Viewer, Variant, Subject>, Overridable> &
      NotWithSigner);

/** What the endpoint takes: as `WithSigner`, with an `authorize` that may be asynchronous. It signs what clients ask for. */
export type WithEndpointSigner<
  Signer,
  Viewer,
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Subject = DeliveryImage,
> =
  | (Omit<SignerOptionsFor<Viewer, Variant>, 'authorize'> &
      EndpointAuthorize<Viewer, Subject> & {
        /** Not beside a signer's own options. */
        readonly signer?: never;
        /** In place of the options of Cloudflare Images. */
        readonly scheme?: never;
      })
  | (Omit<SchemeOptionsFor<Viewer, Image>, 'authorize'> &
      EndpointAuthorize<Viewer, SchemeImage<Image>> &
      NotWithScheme)
  | ({
      /** A signer of `createSigner`. It needs an `authorize`, unless one is given here. */
      readonly signer: Signer;
    } & Partial<EndpointAuthorize<Viewer, Subject>> &
      Pick<SignerOptionsFor<Viewer, Variant>, Exclude<Overridable, 'authorize'>> &
      NotWithSigner);

/** Who may have URLs signed. */
interface EndpointAuthorize<Viewer, Image> {
  /**
   * May this viewer see the image? Asked before a URL is signed, once for each image and variant in a request; not
   * asked for an always public variant. It may be asynchronous; only `true` allows. Required, here or in the signer.
   * @example
   * ```ts
   * signingEndpoint({ signer, authorize: async (image, req) => (await imagesOf(req)).has(image.id) });
   * ```
   */
  authorize(image: Image, viewer: Viewer): boolean | PromiseLike<boolean>;
}

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
   * String values that are a delivery URL, in `application/json` and `+json` responses and in lines of JSON (`text/x-script`,
   * `text/sveltekit-data`, `application/x-ndjson`, `application/jsonl`).
   * @default false
   */
  readonly json?: boolean | undefined;
}

/**
 * What the middleware takes besides a signer's options.
 * @typeParam Skip - the arguments of `skip`
 */
export interface MiddlewareOptionsFor<Skip extends readonly unknown[]> {
  /**
   * What is rewritten on its way out; `false` leaves only the helpers.
   * @default { html: true, headers: true, locals: false, json: false }
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
   * Names of JSON members, at any depth, whose strings hold HTML, Markdown or JSON of their own. They count wherever JSON
   * is rewritten: in bodies, scripts, attributes and the data of views.
   * @default none
   * @example
   * ```ts
   * imageSigner({ signer, rewrite: { json: true }, fields: { content: 'html', body: 'markdown' } });
   * ```
   */
  readonly fields?: Readonly<Record<string, 'html' | 'markdown' | 'json'>> | undefined;
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

/** What the guard takes besides a signer's options. */
export interface GuardOptions {
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
