/**
 * What `report` is called with, and every reason that it may be given: docs/errors.md explains them.
 * Longer than most files: nearly all of it is documentation.
 */
import type { NameProblem } from '../schemes/object-name.ts';

/**
 * What `report` is called with. URLs in events carry no token, and no text in them can forge a line of a log.
 *
 * - `skipped`: a URL was left as it was, or went out without a token, or was signed without a parameter.
 * - `passed`: a response, or a part of one, was left as it was, or `skip` or a late option had no effect on it.
 * - `refused`: the guard refused a request, or the endpoint did not sign a URL.
 * - `rewritten`: a response was rewritten: how many URLs were signed, for logs and metrics.
 * - `installed-twice`: two middlewares with different options handle one response; the later one's options hold.
 * - `installed-late`: a route of Express 5 stands before the middleware, so its responses are not signed.
 * - `key-unavailable`: the function `key` failed; the last keys that it gave stay in use.
 * - `key-ends-early`: credentials end before the ttl is over, and the URLs with them.
 * - `stored-token`: the app stores signed URLs. Save them without their tokens.
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
      /** For `not-authorized`: the variant that stands in the place of the image. */
      readonly deniedVariant?: string;
      /** For `parameter-not-allowed`: the name of the parameter. Absent if it may be a key. */
      readonly parameter?: string;
      /** For `authorize-threw`: what it threw, as it is: the app's own text, which may hold a name that a visitor chose. */
      readonly error?: unknown;
    }
  | {
      /** A response, or a part of one, was left as it was, or an option had no effect on it. */
      readonly type: 'passed';
      /** Why. */
      readonly reason: PassReason;
      /** For `skip-threw` and `is-public-threw`: what it threw, as it is. */
      readonly error?: unknown;
      /** For `unread-type`: the type of the text, such as `application/json`. */
      readonly contentType?: string;
      /** For `markup-in-json`: the name of the member. Absent for an item of an array, and if it may be a key. */
      readonly member?: string;
      /** For `interrupted`: how many bytes did not go out. */
      readonly bytes?: number;
      /** For `unused-base`: the base, as the options have it. */
      readonly base?: string;
      /** For `unused-base`: the hosts that most pages have images of, without those of other bases; at most five. */
      readonly hosts?: readonly string[];
    }
  | {
      /** The guard refused a request, or the endpoint did not sign a URL. */
      readonly type: 'refused';
      /** The URL, without a token. */
      readonly url: string;
      /** Why. */
      readonly reason: RefusalReason;
      /** For `authorize-threw`: what it threw, as it is. */
      readonly error?: unknown;
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
      /** A route of Express 5 stands before the middleware. Reported once for each middleware. */
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
  | {
      /**
       * A page or data holds a token from before the last step, or one that has expired: the app stores signed URLs. This one
       * went out with a new token all the same. Reported once a minute at most.
       */
      readonly type: 'stored-token';
      /** The URL, without a token. */
      readonly url: string;
      /** Where it stands: `'<img src>'`, `'<style>'`, `'JSON'`, `'Markdown'`, `'data'`, `'Link'` or `'Location'`. */
      readonly place?: string;
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
 * Why a response, or a part of one, was left as it was, or why an option had no effect on it.
 *
 * - `too-long`: a tag, CSS token, JSON string or event is longer than 64 KiB. The rest of the page is rewritten.
 * - `encoding`: the body has a `Content-Encoding` that cannot be decoded here, or several.
 * - `charset`: the page is in UTF-16, UTF-32, UTF-7 or ISO-2022-JP.
 * - `corrupt-body`: the encoded body turned out to be broken. It went out as it came, or was cut off.
 * - `no-transform`: `Cache-Control: no-transform` forbids changes (RFC 9111, 5.2.2.6).
 * - `partial-content`: the response is a part of a page (`206`, or `Content-Range`).
 * - `style-hash`: `Content-Security-Policy` allows styles by their hash, so CSS was left alone; the rest was rewritten.
 * - `header`: Node.js did not accept the signed value of `Link`, so the header was left alone.
 * - `script-state`: a script that is not rewritten may hold delivery URLs, which stay unsigned: the state of a framework, for
 *   example. Reported once for each middleware.
 * - `unread-type`: a text that is not rewritten (CSS, SVG, a feed, JSON without `rewrite.json`) holds URLs of images, which
 *   have no token. Reported in development (`NODE_ENV` is not `production`), once for each middleware, and once for JSON.
 * - `markup-in-json`: a string of JSON holds HTML or Markdown with URLs of images, which have no token: the option `fields` names
 *   its member. Reported in development, once for each middleware.
 * - `unused-base`: a hundred pages with images had none under a base of the signer. Reported in development, once for each base.
 * - `is-public-threw`: `isPublic` threw. The image needs a token.
 * - `is-public-not-synchronous`: `isPublic` returned a promise. The image needs a token.
 * - `sharp-missing`: `sharp` is not installed, so `imageDelivery` sends originals in the place of variants, and refuses variants
 *   that are always public. Reported once.
 * - `skip-threw`: `skip` threw. The response was rewritten.
 * - `skip-not-synchronous`: `skip` returned a promise. The response was rewritten.
 * - `too-many-signatures`: the response had no more signatures of its scheme (`maxSignatures`), so URLs stayed plain.
 * - `skip-not-boolean`: `skip` returned something that counts as true, but only `true` skips. The response was rewritten.
 * - `late-ttl`: after the headers were sent, a URL was signed or found that expires before caches drop the response.
 * - `late-authorize`: a helper asked `authorize` after headers had been sent that let a shared cache keep the response.
 * - `too-many-encoded`: so many encoded pages were open that this one, which was streamed, was not decoded.
 * - `encoded-above`: the page came encoded from middleware that is mounted after `imageSigner`, such as `compression`. It is signed, at
 *   the cost of a second encoding. Reported in development, once for each middleware.
 * - `interrupted`: other middleware took the methods of this package off within a page, and `bytes` of it never went out.
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
