/**
 * The events that `report` receives, and every reason in them. docs/errors.md explains the reasons.
 * Longer than most files: nearly all of it is documentation.
 */
import type { NameProblem } from '../schemes/object-name.ts';

/**
 * An event that `report` receives. URLs in events have no token, and no text in them can forge a log line.
 *
 * - `skipped`: a URL was left alone, lost its token, or was signed without a parameter.
 * - `passed`: a response, or a part of it, was not rewritten, or an option had no effect on it.
 * - `refused`: the guard refused a request, or the endpoint did not sign a URL.
 * - `rewritten`: a response was rewritten, with counts for logs and metrics.
 * - `installed-twice`: two middlewares with different options handle one response; the later one's options apply.
 * - `installed-late`: a route of Express 5 is registered before the middleware, so its responses are not signed.
 * - `key-unavailable`: the `key` function failed; the last keys stay in use.
 * - `key-ends-early`: credentials expire before the ttl is over, and the URLs expire with them.
 * - `stored-token`: the app stores signed URLs. Save them without their tokens.
 * @example
 * ```ts
 * imageSigner({ signer, report: (event) => console.warn('image-signer', event) });
 * ```
 */
export type ImageSignerEvent = (
  | {
      /** A URL was left alone, lost its token, or was signed without a parameter. */
      readonly type: 'skipped';
      /** The URL, without a token. */
      readonly url: string;
      /** Why. */
      readonly reason: SkipReason;
      /** For `encoded-path`: the plain image id, for `signImage`. */
      readonly id?: string;
      /** For `not-under-delivery`: the entry of `delivery` that would match. */
      readonly delivery?: string;
      /** For `object-name`: what is wrong with the name. */
      readonly problem?: NameProblem;
      /** For `not-authorized`: the variant that replaces the image. */
      readonly deniedVariant?: string;
      /** For `parameter-not-allowed`: the name of the parameter. Absent if it may be a key. */
      readonly parameter?: string;
      /** For `authorize-threw`: the error, unchanged. Its text is the app's own, and may contain a visitor's input. */
      readonly error?: unknown;
    }
  | {
      /** A response, or a part of it, was not rewritten, or an option had no effect on it. */
      readonly type: 'passed';
      /** Why. */
      readonly reason: PassReason;
      /**
       * For `skip-threw` and `is-public-threw`, `untrusted-clock` and `internal-error`: the error, unchanged. Its text may contain
       * what the app or the page contains.
       */
      readonly error?: unknown;
      /** For `unread-type`: the content type, such as `application/json`. */
      readonly contentType?: string;
      /** For `markup-in-json`: the member's name. Absent for an array item, and if it may be a key. */
      readonly member?: string;
      /** For `interrupted`: how many bytes were not sent. */
      readonly bytes?: number;
      /** For `unused-base`: the base, as in the options. */
      readonly base?: string;
      /** For `unused-base`: the hosts of images in most pages, without the hosts of other bases; at most five. */
      readonly hosts?: readonly string[];
    }
  | {
      /** The guard refused a request, or the endpoint did not sign a URL. */
      readonly type: 'refused';
      /** The URL, without a token. */
      readonly url: string;
      /** Why. */
      readonly reason: RefusalReason;
      /** For `authorize-threw`: the error, unchanged. */
      readonly error?: unknown;
    }
  | {
      /** A response's body was rewritten to its last byte. Never a warning, and never for `HEAD`. */
      readonly type: 'rewritten';
      /** How many delivery URLs of the body got a new token. A URL that occurs twice counts twice. */
      readonly signed: number;
      /** How many had a token that is still valid for long enough. */
      readonly kept: number;
      /** How many under a base of `delivery` were left alone, because of their variant, account or path. */
      readonly skipped: number;
      /** How many `authorize` refused. */
      readonly denied: number;
      /** The length of the rewritten body, before it is encoded. */
      readonly bytes: number;
    }
  | {
      /** Two middlewares with different options handle one response. Reported once for each middleware. */
      readonly type: 'installed-twice';
    }
  | {
      /** A route of Express 5 is registered before the middleware. Reported once for each middleware. */
      readonly type: 'installed-late';
      /** The first such route: `'GET /gallery'`. */
      readonly route: string;
    }
  | {
      /** The `key` function threw, rejected, took more than ten seconds, or returned something that isn't a key. */
      readonly type: 'key-unavailable';
      /** What it threw, or what was wrong with its result. */
      readonly error: unknown;
      /** Whether the last keys stay in use. Otherwise nothing can be signed or verified yet. */
      readonly hasKey: boolean;
    }
  | {
      /**
       * Credentials expire before the ttl is over. No URL outlives them, and no page outlives its URLs. Reported once for these
       * credentials, when they sign the first such page.
       */
      readonly type: 'key-ends-early';
      /** The name of the scheme: `'s3'`. */
      readonly scheme: string;
      /** When they expire, in Unix seconds. */
      readonly endsAt: number;
    }
  | {
      /**
       * A page or data contains a token from before the last step, or an expired one: the app stores signed URLs. This URL was
       * sent with a new token all the same. Reported at most once a minute.
       */
      readonly type: 'stored-token';
      /** The URL, without a token. */
      readonly url: string;
      /** Where it was found: `'<img src>'`, `'<style>'`, `'JSON'`, `'Markdown'`, `'data'`, `'Link'` or `'Location'`. */
      readonly place?: string;
    }
) & {
  /** Method and path of the request, without the query. Absent outside of a request, as in `signer.rewriteHtml`. */
  readonly page?: string;
};

/**
 * Why a URL was not signed.
 *
 * - `variant-not-allowed`: its variant is not in `variants`.
 * - `account-not-allowed`: its account is not in `accountHash`.
 * - `not-under-delivery`: it looks like a URL of Cloudflare Images, but no base of `delivery` matches.
 * - `encoded-path`: its path is not percent-encoded as Cloudflare signs it, such as `a%2Cb`.
 * - `variant-missing`: it ends with the image id.
 * - `trailing-slash`: it ends with a slash.
 * - `too-many-parameters`: its query has more than 64 parameters, or more than 2048 characters.
 * - `object-name`: the scheme does not sign objects with such a name, for example with `%2F` in it.
 * - `parameter-not-allowed`: it was signed without a parameter that the scheme's option `parameters` does not list. Reported
 *   once for every name.
 * - `not-a-delivery-url`: a view passed something else to a helper, or Cloudflare does not sign such a path.
 * - `not-authorized`: `authorize` returned something other than `true`.
 * - `authorize-threw`: `authorize` threw.
 * - `authorize-not-synchronous`: `authorize` returned a promise. Do the asynchronous work in an earlier middleware.
 * - `scheme-failed`: the app's own scheme threw, or returned something other than a URL of the same image under its base.
 * - `white-space-in-url`: a value with white space in its path, which may be text.
 * - `markup-in-script`: it has an unescaped `<` or `>` in a script, which may decide where the script ends.
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
 * Why a response, or a part of it, was not rewritten, or why an option had no effect on it.
 *
 * - `too-long`: a tag, CSS token, JSON string or event is longer than 64 KiB. The rest of the page is rewritten. Or SVG or MathML is
 *   nested more than 256 deep, and the rest is not.
 * - `encoding`: the body has a `Content-Encoding` that cannot be decoded here, or more than one.
 * - `charset`: the page is in UTF-16, UTF-32, UTF-7 or ISO-2022-JP.
 * - `corrupt-body`: the encoded body is broken. It was sent unchanged, or cut off.
 * - `no-transform`: `Cache-Control: no-transform` forbids changes (RFC 9111, 5.2.2.6).
 * - `partial-content`: the response is only a part of a page (`206`, or `Content-Range`).
 * - `style-hash`: `Content-Security-Policy` allows styles by their hash, so CSS was not rewritten. The rest was.
 * - `header`: Node.js did not accept the signed value of `Link`, so the header was not signed.
 * - `script-state`: a script that is not rewritten, such as a framework's state, may contain unsigned delivery URLs. Reported once
 *   for each middleware.
 * - `unread-type`: a content type that is not rewritten (CSS, SVG, a feed, JSON without `rewrite.json`) contains image URLs
 *   without a token. Reported in development (`NODE_ENV` is not `production`), once for each middleware, and once for JSON.
 * - `markup-in-json`: a JSON string contains HTML or Markdown with image URLs without a token. Name its member in the option
 *   `fields`. Reported in development, once for each middleware.
 * - `unused-base`: the first hundred pages with images had none under this base. Reported in development, once for each base.
 * - `is-public-threw`: `isPublic` threw. The image needs a token.
 * - `is-public-not-synchronous`: `isPublic` returned a promise. The image needs a token.
 * - `sharp-missing`: `sharp` is not installed, so `imageDelivery` sends originals instead of variants, and refuses always public
 *   variants. Reported once.
 * - `skip-threw`: `skip` threw. The response was rewritten.
 * - `skip-not-synchronous`: `skip` returned a promise. The response was rewritten.
 * - `too-many-signatures`: the response reached its scheme's `maxSignatures`, so some URLs have no token.
 * - `skip-not-boolean`: `skip` returned a truthy value, but only `true` skips. The response was rewritten.
 * - `late-ttl`: after the headers were sent, a URL was signed or found that expires before caches drop the response.
 * - `late-authorize`: a helper called `authorize` after the headers were sent, and they allow a shared cache to keep the response.
 * - `too-many-encoded`: too many encoded pages were open, so this streamed one was not decoded.
 * - `encoded-above`: the page arrived encoded from middleware that is installed after `imageSigner`, such as `compression`. It is
 *   signed, at the cost of a second encoding. Reported in development, once for each middleware.
 * - `interrupted`: in the middle of a page, other middleware removed the methods of this package, and `bytes` of it were not sent.
 * - `untrusted-clock`: the clock is wrong (see `now`). The page is unsigned, and no cache may keep it. The error says more.
 * - `internal-error`: this package has a bug: please report it, with the error. The rest of the page is unsigned.
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
  | 'unread-type'
  | 'markup-in-json'
  | 'unused-base'
  | 'is-public-threw'
  | 'is-public-not-synchronous'
  | 'sharp-missing'
  | 'skip-threw'
  | 'skip-not-synchronous'
  | 'too-many-signatures'
  | 'skip-not-boolean'
  | 'late-ttl'
  | 'late-authorize'
  | 'too-many-encoded'
  | 'encoded-above'
  | 'interrupted'
  | 'untrusted-clock'
  | 'internal-error';

/**
 * Why a URL does not verify: the first of these reasons that applies.
 *
 * - `not-a-delivery-url`: it is under no base of `delivery`, or its path is not spelled as it is signed.
 * - `account-not-allowed`: its account is not in `accountHash`.
 * - `variant-not-allowed`: its variant is not in `variants`.
 * - `missing-signature`: it has neither `exp` nor `sig`.
 * - `malformed-signature`: `exp` or `sig` is missing, repeated, malformed or in the wrong place.
 * - `bad-signature`: no key of the signer made this signature, or the URL was changed.
 * - `expired`: the signature is right, but the token has expired.
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
 * Why the guard refused a request, or the endpoint did not sign a URL. The client does not learn the reason. Besides
 * `VerificationFailure`:
 *
 * - `not-authorized`: the endpoint's `authorize` returned something other than `true`.
 * - `authorize-threw`: the endpoint's `authorize` threw, or its promise rejected.
 * - `untrusted-clock`: the clock is wrong (see `now`).
 */
export type RefusalReason = VerificationFailure | 'not-authorized' | 'authorize-threw' | 'untrusted-clock';
