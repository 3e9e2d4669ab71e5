/**
 * `createSigner` for any runtime: it composes the signer's methods, and knows neither frameworks nor Node.js streams.
 * Longer than most files: most of it is documentation for editors.
 */

import type {
  Candidates,
  RewriteHtmlOptions,
  SignDataOptions,
  SignOptions,
} from '../options/call-options.ts';
import { parseExtraTargets } from '../options/extra-targets.ts';
import { parseSigner } from '../options/parse.ts';
import type { ByteRewriter } from '../rewriting/byte-rewriter.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import type { Charset } from '../text/charset.ts';
import { maxUrlLength } from '../text/limits.ts';
import { describe } from '../validation/message.ts';
import { htmlBody } from './bodies.ts';
import { readClockOrNaN } from './clock.ts';
import { coreSymbol, SigningCore } from './core.ts';
import { signData, unsignData } from './data.ts';
import { Reporter } from './reporter.ts';
import { unsign } from './resolve.ts';
import { readRewriteOptions, readSignImage, readSignOptions } from './sign-options.ts';
import { srcsetOf } from './signed-urls.ts';
import { millisecondsOf, type Verification, verifyUrl } from './verification.ts';

/**
 * Rewrites one page that arrives in chunks, which may end anywhere. It is synchronous, so it fits any stream.
 * @example
 * ```ts
 * const rewriter = signer.htmlRewriter();
 * process.stdout.write(rewriter.write(Buffer.from('<img src="https://imagedelivery.net/')));
 * process.stdout.write(rewriter.write(Buffer.from('a/photo-1/thumb">')));
 * process.stdout.write(rewriter.end());
 * ```
 */
export interface HtmlRewriter {
  /**
   * Takes the next bytes of the page, and returns the bytes that are ready. It holds back an unfinished tag, CSS token or JSON
   * string of at most 64 KiB.
   * @throws TypeError for anything but a `Uint8Array`
   */
  write(chunk: Uint8Array): Uint8Array;
  /** Ends the page, and returns the bytes that were held back. */
  end(): Uint8Array;
}

/**
 * Signs and verifies image URLs, and rewrites pages. `createSigner` creates one.
 * @typeParam Variant - the names of the variants
 * @typeParam Image - its images: those of Cloudflare Images, or of the option `scheme`
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'] });
 * app.use(imageSigner({ signer }));
 * app.use('/images', imageGuard({ signer }));
 * ```
 */
export interface Signer<Variant extends string = string, Image extends SchemeImage = SchemeImage> {
  /**
   * Signs one image. The URL stays valid for at least `ttl`, and at most `ttl + stableFor`. `authorize` is not called. If the call
   * has `options`, a page that this signer rewrites keeps the URL while it is valid, and does not extend it.
   * @param image - a delivery URL (it contains `://` or begins with `/`), or a plain image id, which needs `variant` and the
   *   option `accountHash`
   * @param variant - replaces the URL's own variant. If the scheme has no variants, pass the options here
   * @param options - `ttl`, or `expiresAt`: a `Date`, or whole Unix seconds
   * @returns the URL, which ends in `exp` (Unix seconds) and `sig` (64 lower-case hexadecimal digits). For an always public
   *   variant, the URL without a token
   * @throws ImageSignerError NOT_A_DELIVERY_URL, ACCOUNT_NOT_ALLOWED, ACCOUNT_REQUIRED, VARIANT_REQUIRED,
   *   VARIANT_NOT_ALLOWED, INVALID_OPTION, KEY_UNAVAILABLE
   * @see https://developers.cloudflare.com/images/optimization/hosted-images/serve-private-images/
   * @example
   * ```ts
   * signer.signImage('https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb');
   * signer.signImage('photo-1', 'thumb', { ttl: '5m' });
   * ```
   */
  signImage(image: string, variant?: Variant | SignOptions, options?: SignOptions): string;
  /**
   * Signs one image in several variants, for a `srcset`.
   * @param image - as in `signImage`
   * @param candidates - variants with their descriptors, all `w` or all `x`. Default: the variants that have a `width` and are
   *   not always public, the narrowest first
   * @param options - `ttl` or `expiresAt`, for all candidates
   * @returns `'<url> 320w, <url> 640w'`
   * @throws ImageSignerError as `signImage`; INVALID_OPTION for widths and densities in one `srcset`
   * @example
   * ```ts
   * signer.signSrcset('photo-1', { thumb: '320w', card: '640w' });
   * ```
   */
  signSrcset(image: string, candidates?: Candidates<Variant>, options?: SignOptions): string;
  /**
   * Removes the token from a delivery URL, for example one that a form sends back.
   * @returns the URL without `exp` and `sig`, otherwise as written; any other text unchanged
   * @example
   * ```ts
   * const stored = signer.unsignImage('https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123');
   * ```
   */
  unsignImage(url: string): string;
  /**
   * Removes the tokens from all delivery URLs in a text before you save it: HTML, Markdown, JSON or plain text from an editor, a
   * form or a chat. A URL can be anywhere, with words directly after its token, escaped as in HTML or JSON, or percent-encoded in
   * another URL. It takes linear time, and never throws.
   *
   * If a base is a path (`delivery: '/images'`), a URL with a host loses its token only if this signer made the token.
   * @returns the text, otherwise the same in every character. A value that isn't a string comes back unchanged
   * @example
   * ```ts
   * signer.unsignText('Look: https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123, she said');
   * // 'Look: https://imagedelivery.net/a/photo-1/thumb, she said'
   * ```
   */
  unsignText(text: string): string;
  /**
   * Signs the image URLs in data outside of the middleware's responses: a loader's result, a message in a queue, a mail. It
   * signs what a JSON body would: strings that are one delivery URL, image candidates in members whose name ends in `srcset`,
   * and HTML, Markdown and JSON in the members of `fields`. It reads plain objects and arrays. Dates, maps and class instances
   * stay as they are, accessors are not called, and cycles are kept.
   *
   * The option `authorize` is called once for every image, variant and base, with `request`.
   * @returns a copy if something changes, which shares the rest; otherwise the data itself
   * @throws ImageSignerError INVALID_OPTION, KEY_UNAVAILABLE; TypeError for a promise; RangeError for endless data; and the
   *   errors of a proxy in the data
   * @example
   * ```ts
   * const post = signer.signData({ cover: 'https://imagedelivery.net/a/photo-1/thumb' }, { ttl: '7d' });
   * ```
   */
  signData<Data>(data: Data, options?: SignDataOptions): Data;
  /**
   * Removes the tokens from all delivery URLs in data before you save it. It reads strings as `unsignText` does, and objects and
   * arrays as `signData` does.
   * @returns a copy if something changes, otherwise the data itself
   * @throws TypeError for a promise; RangeError for endless data; and the errors of a proxy in the data
   * @example
   * ```ts
   * const stored = signer.unsignData({ body: '![](https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123)' });
   * ```
   */
  unsignData<Data>(data: Data): Data;
  /**
   * Verifies the token of a URL. It never throws. It checks the signature, in constant time, before the expiry.
   * @param url - a delivery URL, or its path and query
   * @param now - when to verify: a `Date` or milliseconds. Default: the signer's clock
   * @returns `{ ok: true, … }` with the image, or `{ ok: false, reason }`
   * @example
   * ```ts
   * const verification = signer.verifyImage('https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123');
   * if (!verification.ok) console.log(verification.reason);
   * ```
   */
  verifyImage(url: string, now?: number | Date): Verification<Image>;
  /**
   * Waits for the key, if `key` is a function. Await it before the first `signImage` or `rewriteHtml`; middleware, guard and
   * endpoint wait automatically. While there is no key, `signImage` throws KEY_UNAVAILABLE, and `verifyImage` returns
   * `bad-signature`.
   * @returns a promise that resolves at once if `key` is a string, or the function has returned
   * @throws ImageSignerError KEY_UNAVAILABLE if the function failed, or took more than ten seconds. It can be called again after
   *   one second, and after two, four and up to 30 seconds if it keeps failing
   * @example
   * ```ts
   * await signer.ready();
   * ```
   */
  ready(): Promise<void>;
  /**
   * Signs the image URLs of a whole page, as the middleware does. All other bytes stay the same.
   * @returns a string for a string, bytes for bytes
   * @throws ImageSignerError INVALID_OPTION; TypeError for anything but a string or bytes
   * @example
   * ```ts
   * const mail = signer.rewriteHtml('<img src="https://imagedelivery.net/a/photo-1/thumb">', { ttl: '30d' });
   * ```
   */
  rewriteHtml(html: string, options?: RewriteHtmlOptions): string;
  /** Signs the image URLs of a whole page in bytes. The page declares its own encoding. */
  rewriteHtml(html: Uint8Array, options?: RewriteHtmlOptions): Uint8Array;
  /** Signs the image URLs of a whole page that may be a string or bytes. */
  rewriteHtml(html: string | Uint8Array, options?: RewriteHtmlOptions): string | Uint8Array;
  /**
   * Creates a rewriter for one page that arrives in chunks.
   * @throws ImageSignerError INVALID_OPTION
   * @example
   * ```ts
   * const rewriter = signer.htmlRewriter({ ttl: '1h' });
   * process.stdout.write(rewriter.end());
   * ```
   */
  htmlRewriter(options?: RewriteHtmlOptions): HtmlRewriter;
}

/**
 * Creates a signer.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 */
export function createPortableSigner<Variant extends string, Image extends SchemeImage>(
  options: unknown,
): Signer<Variant, Image> {
  const signer = signerOf(new SigningCore(parseSigner('createSigner', options)));
  return signer as Signer<Variant, Image>; // the entry point infers both from the options
}

function signerOf(core: SigningCore): Signer {
  const { configuration, urls } = core;

  function htmlRewriter(options?: RewriteHtmlOptions): HtmlRewriter {
    const page = pageOf(core, options);
    return {
      write(chunk) {
        if (!isBytes(chunk)) throw new TypeError(`write expected a Uint8Array, got ${describe(chunk)}.`);
        return page.write(chunk);
      },
      end: () => page.end(),
    };
  }

  function rewriteHtml(html: string, options?: RewriteHtmlOptions): string;
  function rewriteHtml(html: Uint8Array, options?: RewriteHtmlOptions): Uint8Array;
  function rewriteHtml(html: string | Uint8Array, options?: RewriteHtmlOptions): string | Uint8Array;
  function rewriteHtml(html: string | Uint8Array, options?: RewriteHtmlOptions): string | Uint8Array {
    if (typeof html !== 'string' && !isBytes(html))
      throw new TypeError(`rewriteHtml expected a string or a Uint8Array, got ${describe(html)}.`);
    if (typeof html !== 'string') return pageOf(core, options).end(html);
    return pageOf(core, options, 'utf-8').endText(html);
  }

  return Object.defineProperty(
    {
      signImage(image: string, variant?: string | SignOptions, options?: SignOptions) {
        const call = readSignImage(variant, options, configuration, 'signer');
        return urls.sign(image, call.variant, call.validity, core.now()).url;
      },
      signSrcset: (image: string, candidates?: Candidates, options?: SignOptions) =>
        srcsetOf(
          urls.signCandidates(
            image,
            candidates,
            readSignOptions(options, 'signSrcset', 'signer').validity,
            core.now(),
          ),
        ),
      unsignImage(url: string) {
        return typeof url !== 'string' || url.length > maxUrlLength ? url : unsign(url, configuration);
      },
      unsignText(text: string) {
        return typeof text === 'string' ? core.unsignText(text) : text;
      },
      signData<Data>(data: Data, options?: SignDataOptions): Data {
        const { access } = configuration;
        return signData(data, options, 'signer', (request) =>
          core.beginResponse(access, request, new Reporter(access.report)),
        );
      },
      unsignData: <Data>(data: Data): Data => unsignData(data, core),
      verifyImage(url: string, now?: number | Date) {
        core.refresh();
        const time = now === undefined ? readClockOrNaN(configuration) : millisecondsOf(now);
        return verifyUrl(url, configuration, time);
      },
      async ready() {
        await core.ready();
      },
      rewriteHtml,
      htmlRewriter,
    },
    coreSymbol,
    { value: core },
  );
}

/** `instanceof` fails for bytes of another realm, as in test runners and workers. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Reflect.get(value, Symbol.toStringTag) === 'Uint8Array';
}

/** @param charset - for a string, which is already decoded; bytes come without their `Content-Type` */
function pageOf(core: SigningCore, options?: RewriteHtmlOptions, charset?: Charset): ByteRewriter {
  const { ttl, request, targets } = readRewriteOptions(options);
  const { access } = core.configuration;
  const response = core.beginResponse(access, request, new Reporter(access.report), { ttl });
  return htmlBody(response, { extraTargets: parseExtraTargets(targets), rewritesCss: true, charset });
}
