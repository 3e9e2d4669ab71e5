/**
 * `createSigner` for any runtime: it composes the signer's methods, and knows neither frameworks nor Node.js streams.
 * Longer than most files: most of it is the documentation that editors show.
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
 * Rewrites one page that comes in chunks, wherever a chunk ends. It is synchronous, and fits any stream.
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
   * Takes the next bytes of the page, and returns those that are ready. It holds back an unfinished tag, CSS token or
   * JSON string, 64 KiB at most.
   * @throws TypeError for what is no `Uint8Array`
   */
  write(chunk: Uint8Array): Uint8Array;
  /** Ends the page, and returns the bytes that were held back. */
  end(): Uint8Array;
}

/**
 * Signs and verifies image URLs, and rewrites pages, by one set of options. `createSigner` makes one.
 * @typeParam Variant - the names of the variants
 * @typeParam Image - the images that it knows: those of Cloudflare Images, or of the option `scheme`
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'] });
 * app.use(imageSigner({ signer }));
 * app.use('/images', imageGuard({ signer }));
 * ```
 */
export interface Signer<Variant extends string = string, Image extends SchemeImage = SchemeImage> {
  /**
   * Signs one image. The URL stays valid for `ttl` at least, and for `ttl + stableFor` at most. `authorize` is not asked.
   * With `options`, a page that this signer rewrites keeps the URL while it is valid, and does not make it live longer.
   * @param image - a delivery URL (it contains `://` or begins with `/`), or an image id as plain text, which needs
   *   `variant` and the option `accountHash`
   * @param variant - replaces the URL's own variant; where the scheme has no variants, the options may stand here
   * @param options - `ttl`, or `expiresAt`: a `Date`, or whole Unix seconds
   * @returns the URL, which ends in `exp` (Unix seconds) and `sig` (64 lower-case hexadecimal digits); for an always
   *   public variant, the URL without a token
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
   * @param candidates - variants and their descriptors, all `w` or all `x`. Left out: the variants that have a `width`
   *   and are not always public, the narrowest first
   * @param options - `ttl`, or `expiresAt`, of all of them
   * @returns `'<url> 320w, <url> 640w'`
   * @throws ImageSignerError as `signImage`; INVALID_OPTION for widths and densities in one `srcset`
   * @example
   * ```ts
   * signer.signSrcset('photo-1', { thumb: '320w', card: '640w' });
   * ```
   */
  signSrcset(image: string, candidates?: Candidates<Variant>, options?: SignOptions): string;
  /**
   * Removes the token from a delivery URL, for what comes back from a form.
   * @returns the URL without `exp` and `sig`, the rest as written; any other text as it is
   * @example
   * ```ts
   * const stored = signer.unsignImage('https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123');
   * ```
   */
  unsignImage(url: string): string;
  /**
   * Removes the tokens from all delivery URLs in a text, for what is saved: HTML, Markdown, JSON or plain text that comes
   * back from an editor, a form or a chat. A URL may stand anywhere, with words right behind its token, escaped as in HTML
   * or JSON, or percent-encoded in another URL. It takes time in proportion to the text, and never throws.
   *
   * Where a base is a path (`delivery: '/images'`), a URL with a host loses its token only if this signer has made it.
   * @returns the text, which is otherwise the same in every character; what is no text comes back as it is
   * @example
   * ```ts
   * signer.unsignText('Look: https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123, she said');
   * // 'Look: https://imagedelivery.net/a/photo-1/thumb, she said'
   * ```
   */
  unsignText(text: string): string;
  /**
   * Signs the image URLs in data that no response of the middleware carries: what a loader returns, or what goes into a
   * queue or a mail. Each string is treated as in a JSON body: it is signed if all of it is one delivery URL, if it holds
   * image candidates and its member's name ends in `srcset`, and within the HTML, Markdown and JSON that `fields` names.
   * It looks into plain objects and arrays; dates, maps and instances of classes stay, accessors are not called, and cycles
   * are kept.
   *
   * With the option `authorize`, it is asked once for each image, variant and base, with `request`.
   * @returns a copy of what changes, in which all else is shared; the data itself if nothing does
   * @throws ImageSignerError INVALID_OPTION, KEY_UNAVAILABLE; TypeError for a promise; RangeError for data without an end;
   *   and what a proxy in the data throws
   * @example
   * ```ts
   * const post = signer.signData({ cover: 'https://imagedelivery.net/a/photo-1/thumb' }, { ttl: '7d' });
   * ```
   */
  signData<Data>(data: Data, options?: SignDataOptions): Data;
  /**
   * Removes the tokens of all delivery URLs in data, for what is saved: each string as by `unsignText`, each object and
   * array as by `signData`.
   * @returns a copy of what changes; the data itself if it holds no token
   * @throws TypeError for a promise; RangeError for data without an end; and what a proxy in the data throws
   * @example
   * ```ts
   * const stored = signer.unsignData({ body: '![](https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123)' });
   * ```
   */
  unsignData<Data>(data: Data): Data;
  /**
   * Verifies the token of a URL. It compares the signature, in constant time, before it looks at the expiry. It never
   * throws.
   * @param url - a delivery URL, or the path and query of one
   * @param now - the time to verify for, a `Date` or milliseconds; the signer's clock if left out
   * @returns `{ ok: true, … }` with the image, or `{ ok: false, reason }`
   * @example
   * ```ts
   * const verification = signer.verifyImage('https://imagedelivery.net/a/photo-1/thumb?exp=2050000000&sig=0123');
   * if (!verification.ok) console.log(verification.reason);
   * ```
   */
  verifyImage(url: string, now?: number | Date): Verification<Image>;
  /**
   * Waits for the key, if `key` is a function. Call it before the first `signImage` or `rewriteHtml`; middleware, guard
   * and endpoint do it themselves. While there is no key, `signImage` throws KEY_UNAVAILABLE, and `verifyImage` returns
   * `bad-signature`.
   * @returns resolves at once if `key` is text, or has been fetched
   * @throws ImageSignerError KEY_UNAVAILABLE if the function failed, or did not answer for ten seconds. It is asked
   *   again after a second, after the next failure after two, up to 30
   * @example
   * ```ts
   * await signer.ready();
   * ```
   */
  ready(): Promise<void>;
  /**
   * Signs the image URLs of a whole page, as the middleware does. All other bytes stay as they are.
   * @returns text for text, bytes for bytes
   * @throws ImageSignerError INVALID_OPTION; TypeError for what is neither text nor bytes
   * @example
   * ```ts
   * const mail = signer.rewriteHtml('<img src="https://imagedelivery.net/a/photo-1/thumb">', { ttl: '30d' });
   * ```
   */
  rewriteHtml(html: string, options?: RewriteHtmlOptions): string;
  /** Signs the image URLs of a whole page that is given as bytes. The page says its encoding. */
  rewriteHtml(html: Uint8Array, options?: RewriteHtmlOptions): Uint8Array;
  /** Signs the image URLs of a whole page, where the caller does not know whether it is text or bytes. */
  rewriteHtml(html: string | Uint8Array, options?: RewriteHtmlOptions): string | Uint8Array;
  /**
   * Makes a rewriter for one page that comes in chunks.
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
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createPortableSigner<Variant extends string, Image extends SchemeImage>(
  options: unknown,
): Signer<Variant, Image> {
  const signer = signerOf(new SigningCore(parseSigner('createSigner', options)));
  return signer as Signer<Variant, Image>; // the entry point reads both from the options
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

/** `instanceof` fails for bytes of another realm, which test runners and workers have. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Reflect.get(value, Symbol.toStringTag) === 'Uint8Array';
}

/** @param charset - of text, which is decoded already; bytes come without their `Content-Type` */
function pageOf(core: SigningCore, options?: RewriteHtmlOptions, charset?: Charset): ByteRewriter {
  const { ttl, request, targets } = readRewriteOptions(options);
  const { access } = core.configuration;
  const response = core.beginResponse(access, request, new Reporter(access.report), { ttl });
  return htmlBody(response, { extraTargets: parseExtraTargets(targets), rewritesCss: true, charset });
}
