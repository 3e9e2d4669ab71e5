/**
 * `imagesIn` and `expectSignedImages`: what `image-signer check` says of a page, for the tests of an app. No response is
 * known here, so nothing is said of caches.
 */
import { parseDiagnosis } from '../../options/parse.ts';
import type { SchemeImage } from '../../schemes/definition.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { coreOf } from '../../signer/core.ts';
import type { Signer } from '../../signer/index.ts';
import { redactUrl } from '../../url/redaction.ts';
import { describe, invalidOption } from '../../validation/message.ts';
import { type BodyKind, pageUrlsOf } from '../diagnosis/page-urls.ts';
import { type Verdict, verdictsOf } from '../diagnosis/page-verdicts.ts';

/** Any signer, whichever entry point has made it. */
type AnySigner = Signer<never, SchemeImage>;

/** One delivery URL of a page, in one place. */
export interface PageImage {
  /** As a browser reads it: with its token, and without character references. */
  readonly url: string;
  /** Where it stands: `'<img src>'`, `'<style>'`, `'<script type="application/json">'`, `'JSON'`, `'text'`. */
  readonly place: string;
  /** Whether it carries a token that is valid now by the clock of the signer. */
  readonly isSigned: boolean;
  /** Whether an image is loaded by it: it is not for text, form values and the beginning of a URL in a script. */
  readonly isLoaded: boolean;
  /** When its token ends, in Unix seconds. */
  readonly expiresAt?: number;
  /**
   * `'signed'`, `'older-key'` or `'always-public'` (which needs no token). Otherwise why it is not signed: a code of
   * `image-signer check` or of `explainUrl`.
   */
  readonly code: string;
  /** The same in a sentence. It shows no key and no signature. */
  readonly message: string;
  /** What to change, if anything. */
  readonly fix?: string;
}

/**
 * Lists the delivery URLs of a page, each once for each place. URLs that no scheme of the signer knows are not listed.
 * @param html - a page; or a text that is JSON, which is read as a response of JSON
 * @param signer - one with the app's options. Its clock says what is valid
 * @throws ImageSignerError INVALID_OPTION if `signer` is not one; KEY_UNAVAILABLE: await `signer.ready()` first
 * @example
 * ```ts
 * test('a stranger gets no token', () => {
 *   for (const { url, isSigned } of imagesIn(html, signer)) if (isSigned) throw new Error(url);
 * });
 * ```
 */
export function imagesIn(html: string | Uint8Array, signer: AnySigner): PageImage[] {
  return verdictsIn(html, signer, 'imagesIn').map(toPageImage);
}

/**
 * Throws unless every image of a page is signed. Images of always public variants need no token, and text and form
 * values load no image. A page without any signed image fails as well: most likely, its test reads the wrong page.
 * @param html - a page; or a text that is JSON, which is read as a response of JSON
 * @param signer - one with the app's options. Its clock says what is valid
 * @returns the images that are signed
 * @throws Error for the first image that is not signed: where it stands, why not, and what to change; and as `imagesIn`
 * @example
 * ```ts
 * test('a member gets every image', () => {
 *   expectSignedImages(html, signer);
 * });
 * ```
 */
export function expectSignedImages(html: string | Uint8Array, signer: AnySigner): PageImage[] {
  const verdicts = verdictsIn(html, signer, 'expectSignedImages');
  const unsigned = verdicts.filter(({ outcome }) => outcome === 'dead');
  const [first] = unsigned;
  if (first !== undefined) {
    const { place, url, message, fix } = first;
    throw new Error(
      `${unsigned.length} of ${verdicts.length} image URLs are not signed. The first is ${place} ${redactUrl(url)}. ${message}${fix === undefined ? '' : ` ${fix}`}`,
    );
  }
  const signed = verdicts.map(toPageImage).filter(({ isSigned }) => isSigned);
  if (signed.length > 0) return signed;
  throw new Error(
    verdicts.length === 0
      ? 'The page has no delivery URL of this signer. Is it the right page, and has the signer the options of the app?'
      : `No image of the page is signed: its ${verdicts.length} delivery URLs are always public, or load no image.`,
  );
}

function verdictsIn(html: string | Uint8Array, signer: AnySigner, name: string): Verdict[] {
  const configuration = parseDiagnosis(name, { signer }, coreOf);
  // By the kind of object, and not its class: a test may run in a realm of its own.
  if (typeof html !== 'string' && !ArrayBuffer.isView(html))
    throw invalidOption(
      '',
      `${name} expected a page as text or bytes, got ${describe(html)}. ${textOf(html)}`,
    );
  const body =
    typeof html === 'string' ? Buffer.from(html) : Buffer.from(html.buffer, html.byteOffset, html.byteLength);
  const facts = {
    now: readClockOrNaN(configuration),
    lifetime: 0,
    passed: undefined,
    passedStyles: undefined,
    isPersonal: false,
    howToAskAsMember: 'If it does, let the test ask as a viewer who may see it.',
  };
  return verdictsOf(pageUrlsOf(body, kindOf(body), configuration), facts, configuration);
}

/** How the text is had of what a test's HTTP client returns. */
function textOf(html: unknown): string {
  const given = Object(html) as Readonly<Record<'body' | 'data' | 'payload' | 'text' | 'then', unknown>>;
  if (typeof given.then === 'function')
    return 'It is a promise: await it, and pass the text of the response.';
  if (typeof given.text === 'function') return 'Pass the text: await response.text().';
  const { text } = Object(given.body) as { readonly text?: unknown };
  if (typeof text === 'function') return 'Pass the text: await response.body.text().';
  const name = (['text', 'payload', 'body', 'data'] as const).find((each) => typeof given[each] === 'string');
  return `Pass the text: response.${name ?? 'text'}.`;
}

function kindOf(body: Buffer): BodyKind {
  const text = body.toString('utf8');
  if (!/^\s*[[{"]/.test(text)) return 'html';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return 'html';
  }
}

function toPageImage({ url, place, isLoaded, outcome, code, message, fix, expiresAt }: Verdict): PageImage {
  return {
    url,
    place,
    isSigned: outcome === 'ok' && expiresAt !== undefined,
    isLoaded,
    ...(expiresAt !== undefined && { expiresAt }),
    code,
    message,
    ...(fix !== undefined && { fix }),
  };
}
