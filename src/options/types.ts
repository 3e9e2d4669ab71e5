/**
 * What users write: every option of every factory, as the README explains them. Who a viewer is, each entry says: here
 * no framework is known, nor Node.js.
 */

/** An image, as `authorize` and `verifyImage` name it. */
export interface DeliveryImage {
  /** The delivery URL without a token. */
  readonly url: string;
  /** The base that it is delivered under, as the option `delivery` gives it. */
  readonly base: string;
  readonly accountHash: string;
  /** Decoded; may hold slashes. */
  readonly id: string;
  /** Decoded. */
  readonly variant: string;
}

/** Seconds, or a whole number with a unit: `'90s'`, `'15m'`, `'6h'`, `'1d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

export interface VariantPolicy {
  /** How long a signed URL of this variant is valid at the least; the option `ttl` if left out. */
  readonly ttl?: Duration | undefined;
  /** Cloudflare's "always allow public access": never signed, and an old token is taken off. */
  readonly alwaysPublic?: boolean | undefined;
  /** Width in CSS pixels, for `signSrcset`. */
  readonly width?: number | undefined;
  /** Height in CSS pixels. */
  readonly height?: number | undefined;
}

/**
 * Where images are delivered: a URL, `https://shop.example/cdn-cgi/imagedelivery`; a path, `/images`, for
 * root-relative references; or either with the account that the URL leaves out.
 */
export type DeliveryOption = string | { readonly base: string; readonly accountHash: string };

/** What was skipped, refused or given up. URLs carry no token. */
export type ImageSignerEvent =
  | { readonly type: 'skipped'; readonly url: string; readonly reason: SkipReason }
  | { readonly type: 'passed'; readonly reason: PassReason }
  | { readonly type: 'refused'; readonly url: string; readonly reason: RefusalReason }
  | { readonly type: 'installed-twice' };

export type SkipReason =
  | 'variant-not-allowed'
  | 'account-not-allowed'
  | 'not-a-delivery-url'
  | 'not-authorized'
  | 'authorize-threw'
  | 'authorize-not-synchronous';

/** Why a response, or a part of one, was left alone. */
export type PassReason =
  | 'too-long'
  | 'encoding'
  | 'charset'
  | 'corrupt-body'
  | 'no-transform'
  | 'partial-content'
  | 'style-hash'
  | 'header'
  | 'skip-threw'
  | 'skip-not-synchronous'
  | 'late-ttl'
  | 'internal-error';

/** Why a URL does not verify. */
export type VerificationFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'missing-signature'
  | 'malformed-signature'
  | 'bad-signature'
  | 'expired';

/** Why the guard refused a request, or the endpoint did not sign. */
export type RefusalReason = VerificationFailure | 'not-authorized' | 'authorize-threw' | 'untrusted-clock';

/** @typeParam Viewer - what `authorize` is asked with: an entry's request or context */
export interface SignerOptionsFor<Viewer, Variant extends string = string> {
  /** The signing key's text, used as UTF-8 bytes. Of a list the first signs, and all verify. */
  readonly key: string | readonly string[] | undefined;
  /** How long a signed URL is valid at the least. */
  readonly ttl: Duration;
  /** The allowlist: only these are signed. A map gives each variant a policy. */
  readonly variants: readonly Variant[] | { readonly [Name in Variant]: VariantPolicy };
  /** Sign these accounts' images only; the first serves ids. Any account if left out. */
  readonly accountHash?: string | readonly string[] | undefined;
  /** Where images are delivered; the first serves ids. `https://imagedelivery.net` if left out. */
  readonly delivery?: DeliveryOption | readonly DeliveryOption[] | undefined;
  /** Expiry moves in steps of this length; `0` turns it off. A quarter of the ttl in force if left out. */
  readonly stableFor?: Duration | undefined;
  /**
   * May this viewer see the image? Asked, once per image and variant in a response, before a URL that was found in a
   * page is signed. Synchronous: only `true` allows.
   */
  authorize?(image: DeliveryImage, viewer: Viewer): boolean;
  /** An always public variant that is put in place of one that `authorize` refuses. */
  readonly deniedVariant?: NoInfer<Variant> | undefined;
  /** Hears what was skipped, refused or given up; a throw in it is swallowed. */
  readonly report?: ((event: ImageSignerEvent) => void) | undefined;
  /**
   * The clock, in milliseconds. `Date.now` if left out. While it says a time of more than a day before the process began,
   * nothing is signed or let through, unless it did so when the signer was made.
   */
  readonly now?: (() => number) | undefined;
}

/** What goes beside a signer, and wins over its own. */
type Beside = 'authorize' | 'deniedVariant' | 'report';

/** Everything else is the signer's. */
type NotBeside = { readonly [Name in Exclude<keyof SignerOptionsFor<unknown>, Beside>]?: never };

/** What a factory takes: a signer's options, or a signer that was made before. */
export type WithSigner<Signer, Viewer, Variant extends string = string> =
  | (SignerOptionsFor<Viewer, Variant> & { readonly signer?: never })
  | ({ readonly signer: Signer } & Pick<SignerOptionsFor<Viewer, Variant>, Beside> & NotBeside);

/** The same for the endpoint, which signs whatever it is asked for, and so has to know who asks. */
export type WithEndpointSigner<Signer, Viewer, Variant extends string = string> =
  | (Omit<SignerOptionsFor<Viewer, Variant>, 'authorize'> &
      EndpointAuthorize<Viewer> & { readonly signer?: never })
  | ({ readonly signer: Signer } & Partial<EndpointAuthorize<Viewer>> &
      Pick<SignerOptionsFor<Viewer, Variant>, Exclude<Beside, 'authorize'>> &
      NotBeside);

interface EndpointAuthorize<Viewer> {
  /**
   * May this viewer see the image? Asked, once per image and variant in a request, before a URL is signed. It may be
   * asynchronous; only `true` allows.
   */
  authorize(image: DeliveryImage, viewer: Viewer): boolean | PromiseLike<boolean>;
}

export interface RewriteOptions {
  /** `text/html` responses. On if left out. */
  readonly html?: boolean | undefined;
  /** `Link` of a response that is rewritten, and of early hints. On if left out. */
  readonly headers?: boolean | undefined;
  /** Strings that are delivery URLs, in `res.locals` and in the options of `res.render`. Off if left out. */
  readonly locals?: boolean | undefined;
  /** `application/json` and `+json` responses: every string value that is a delivery URL. Off if left out. */
  readonly json?: boolean | undefined;
}

/** @typeParam Asked - what `skip` is called with */
export interface MiddlewareOptionsFor<Asked extends readonly unknown[]> {
  /** What is rewritten on its way out; `false` leaves only the helpers. */
  readonly rewrite?: false | RewriteOptions | undefined;
  /** Leaves one response alone; asked once, when the headers go out. Only `true` does. */
  skip?(...asked: Asked): boolean;
  /** Attributes of the site's own, and what each holds. */
  readonly attributes?: Readonly<Record<string, 'url' | 'srcset' | 'css'>> | undefined;
}

export interface GuardOptions {
  /** `'report'` lets everything pass, and reports what would have been refused. */
  readonly mode?: 'enforce' | 'report' | undefined;
  /** Says `public` where the guard says `private`, for a cache in front that keys on the whole URL. */
  readonly sharedCache?: boolean | undefined;
}

export interface EndpointOptions {
  /** Where nothing takes the mount's path off, such as on a bare server: that path, `'/sign'`. */
  readonly path?: string | undefined;
  /** Other sites whose pages may ask, by CORS: `'https://shop.example'`. None if left out. */
  readonly origins?: string | readonly string[] | undefined;
}

/** Options of one `signImage` call. */
export interface SignOptions {
  /** The ttl for this URL. */
  readonly ttl?: Duration | undefined;
  /** The expiry itself: a `Date`, rounded down, or whole Unix seconds. Not beside `ttl`. */
  readonly expiresAt?: Date | number | undefined;
}
