/** `createSigner` for any runtime: it composes the signer's methods, and knows neither frameworks nor Node.js streams. */
import { asNumber, describe, invalidOption, printableName } from '../options/message.ts';
import { parseAttributes, parseSigner } from '../options/parse.ts';
import type { Duration, SignerOptionsFor, SignOptions } from '../options/types.ts';
import type { ByteRewriter } from '../rewriting/byte-rewriter.ts';
import { matchDelivery } from '../url/delivery.ts';
import { withoutToken } from '../url/token.ts';
import { readClockOrNaN } from './clock.ts';
import { coreSymbol, htmlBody, SignerCore } from './core.ts';
import { maxUrlLength } from './resolve.ts';
import { readSignOptions, readTtl } from './sign-options.ts';
import { millisecondsOf, type Verification, verifyUrl } from './verification.ts';

/** Descriptors by variant, all widths or all densities: `{ thumb: '320w', card: '640w' }`. */
export type Candidates<Variant extends string = string> = { readonly [Name in Variant]?: string };

export interface RewriteHtmlOptions {
  /** The ttl for the page's images; each variant's own if left out. */
  readonly ttl?: Duration | undefined;
  /** Handed to `authorize` as the request. */
  readonly request?: unknown;
  /** Attributes of the site's own, and what each holds. */
  readonly attributes?: Readonly<Record<string, 'url' | 'srcset' | 'css'>> | undefined;
}

/** A page, chunk by chunk; synchronous, for any stream. */
export interface HtmlRewriter {
  /** Takes bytes, and gives those that are ready; all but an unfinished tag, CSS token or JSON string. */
  write(chunk: Uint8Array): Uint8Array;
  /** Gives what was held back. */
  end(): Uint8Array;
}

export interface Signer<Variant extends string = string> {
  /**
   * Signs one image; the URL stays valid for `ttl` at least, `ttl + stableFor` at most.
   * @param image - delivery URL (it has `://` or begins with `/`), or image id, plain text (needs `accountHash` and
   *   `variant`)
   * @param variant - replaces the URL's own
   * @param options - `ttl`, or `expiresAt`: a `Date`, or whole Unix seconds
   * @returns the URL ending in `exp` (Unix seconds) and `sig` (64 lower-case hex digits); without both for an always
   *   public variant
   * @throws ImageSignerError NOT_A_DELIVERY_URL, ACCOUNT_NOT_ALLOWED, ACCOUNT_REQUIRED, VARIANT_REQUIRED,
   *   VARIANT_NOT_ALLOWED, INVALID_OPTION
   * @see Cloudflare Images, "Serve private images using signed URL tokens"
   */
  signImage(image: string, variant?: Variant, options?: SignOptions): string;
  /**
   * Signs one image in several variants, for a `srcset`.
   * @param candidates - variants to descriptors, all `w` or all `x`; left out: the variants that have a `width` and are
   *   not always public, by width
   * @returns `'<url> 320w, <url> 640w'`
   * @throws ImageSignerError as `signImage`; INVALID_OPTION for descriptors that do not go together
   */
  signSrcset(image: string, candidates?: Candidates<Variant>, options?: SignOptions): string;
  /**
   * A delivery URL, of whatever variant, without `exp` and `sig`, the rest as written; anything else as it is. For what
   * comes back from a form.
   */
  unsignImage(url: string): string;
  /**
   * Is the URL's token good? Never throws, whatever it is given. The signature is compared, in constant time, before
   * the expiry is looked at.
   * @param now - a `Date`, or milliseconds; the signer's clock if left out
   * @returns `expiresAt` in Unix seconds; `keyIndex`, the place in `key` of the key that signed
   */
  verifyImage(url: string, now?: number | Date): Verification;
  /**
   * A whole page with its image URLs signed, as the middleware does it.
   * @throws ImageSignerError INVALID_OPTION; TypeError for what is neither text nor bytes
   */
  rewriteHtml(html: string, options?: RewriteHtmlOptions): string;
  rewriteHtml(html: Uint8Array, options?: RewriteHtmlOptions): Uint8Array;
  rewriteHtml(html: string | Uint8Array, options?: RewriteHtmlOptions): string | Uint8Array;
  /**
   * The same for a page that comes in chunks.
   * @throws ImageSignerError INVALID_OPTION
   */
  htmlRewriter(options?: RewriteHtmlOptions): HtmlRewriter;
}

/**
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createPortableSigner<const Variant extends string>(
  options: SignerOptionsFor<unknown, Variant>,
): Signer<Variant> {
  return signerOf(new SignerCore(parseSigner('createSigner', options)));
}

function signerOf(core: SignerCore): Signer {
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
    const bytes = Buffer.from(html, 'utf8');
    const rewritten = pageOf(core, options, true).end(bytes);
    // UTF-8 has no lone surrogates: return the original text if nothing changes, so that they survive.
    return bytes.equals(rewritten) ? html : rewritten.toString('utf8');
  }

  return Object.defineProperty(
    {
      signImage: (image: string, variant?: string, options?: SignOptions) =>
        urls.sign(image, variant, readSignOptions(options, 'signImage'), core.now()),
      signSrcset: (image: string, candidates?: Candidates, options?: SignOptions) =>
        urls.signSrcset(image, candidates, readSignOptions(options, 'signSrcset'), core.now()),
      unsignImage(url: string) {
        if (typeof url !== 'string' || url.length > maxUrlLength) return url;
        const match = matchDelivery(url, configuration.bases);
        return typeof match === 'object' ? withoutToken(url, match.reference) : url;
      },
      verifyImage: (url: string, now?: number | Date) =>
        verifyUrl(
          url,
          configuration,
          configuration.bases,
          now === undefined ? readClockOrNaN(configuration) : millisecondsOf(now),
        ),
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

/** @param isCharsetKnown - true for text, which is decoded already; for bytes there is no `Content-Type` */
function pageOf(core: SignerCore, options: RewriteHtmlOptions = {}, isCharsetKnown = false): ByteRewriter {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(
      'options',
      `expected { ttl, request, attributes }, got ${describe(options, asNumber)}. Leave it out for the defaults.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !['ttl', 'request', 'attributes'].includes(name));
  if (unknown !== undefined)
    throw invalidOption(
      printableName(unknown),
      'is no option of rewriteHtml. There are ttl, request and attributes.',
    );
  const ttl = options.ttl === undefined ? undefined : readTtl(options.ttl);
  const response = core.beginResponse(core.configuration.access, options.request, core.now(), ttl);
  const extraTargets = parseAttributes(options.attributes);
  return htmlBody(response, { extraTargets, rewritesCss: true, isCharsetKnown });
}
