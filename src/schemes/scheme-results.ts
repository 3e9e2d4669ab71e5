/** What the functions of a scheme return is not trusted: it may be an app's, and gets URLs that a stranger has chosen. */
import { ImageSignerError } from '../errors.ts';
import { swallowRejection } from '../rejection.ts';
import type { TokenFailure, TokenResult } from './bound.ts';
import type { CompleteDefinition, MatchedImage, SignTerms } from './definition.ts';
import type { WrittenUrl } from './written-url.ts';

/**
 * The URL without its token, and without its fragment.
 * @throws ImageSignerError SCHEME_FAILED
 */
export function stripUrl(definition: CompleteDefinition, written: WrittenUrl): string {
  let result: unknown;
  try {
    result = definition.strip(written.url);
  } catch (error) {
    throw schemeFailed(definition, 'strip', error);
  }
  // Most URLs have no token. There is nothing to distrust in the text that the scheme was given.
  if (result === written.url) return written.url;
  const url = checkUrl(definition, 'strip', written, result);
  // The `?` of a token that stood alone behind separators: read again the URL has none, and would be signed differently.
  return url.endsWith('?') ? url.slice(0, -1) : url;
}

/**
 * @param bare - what `stripUrl` has returned
 * @throws ImageSignerError SCHEME_FAILED
 */
export function signUrl(
  definition: CompleteDefinition,
  written: WrittenUrl,
  bare: string,
  terms: SignTerms,
): string {
  let result: unknown;
  try {
    result = definition.sign(bare, terms);
  } catch (error) {
    throw schemeFailed(definition, 'sign', error);
  }
  return checkUrl(definition, 'sign', written, result);
}

/** The URL goes into pages, where another character could end an attribute, and a foreign host would get the visitors. */
function checkUrl(
  definition: CompleteDefinition,
  call: 'strip' | 'sign',
  { url: given, place }: WrittenUrl,
  result: unknown,
): string {
  const isUnderBase = typeof result === 'string' && result.startsWith(given.slice(0, place.path + 1));
  if (isUnderBase && isUrlText(result as string)) return result as string;
  swallowRejection(result);
  throw schemeFailed(definition, call, undefined);
}

/** @returns undefined for what is no image */
export function imageFrom(result: unknown): MatchedImage | undefined {
  if (typeof result !== 'object' || result === null || swallowRejection(result)) return undefined;
  const image = { ...result } as MatchedImage; // later, a getter could throw
  return typeof image.id === 'string' ? image : undefined;
}

/** The reasons that `verify` may give. The compiler keeps them complete. */
const failures: Readonly<Record<TokenFailure, true>> = {
  'missing-signature': true,
  'malformed-signature': true,
  'bad-signature': true,
  expired: true,
};

/** @param now - in Unix seconds */
export function verificationFrom(now: number, run: () => unknown): TokenResult {
  try {
    const result = run() as Partial<Record<'ok' | 'expiresAt' | 'reason', unknown>> | undefined;
    if (!swallowRejection(result)) {
      const { ok, expiresAt, reason } = result ?? {};
      if (ok === true && Number.isFinite(expiresAt) && now < (expiresAt as number))
        return { ok: true, expiresAt: expiresAt as number, keyIndex: 0 };
      if (ok === false && Object.hasOwn(failures, reason as string))
        return { ok: false, reason: reason as TokenFailure };
    }
  } catch {}
  return { ok: false, reason: 'bad-signature' };
}

function schemeFailed(
  { name }: CompleteDefinition,
  call: 'strip' | 'sign',
  cause: unknown,
): ImageSignerError {
  return new ImageSignerError(
    'SCHEME_FAILED',
    `${call} of the scheme ${name} expected to return a URL under the same base, in ASCII and without a fragment. checkScheme of image-signer/testing tells more.`,
    undefined,
    cause,
  );
}

/** Whether a text consists of characters that a URL is written in, without a fragment: RFC 3986, and `|`, `[`, `]`. */
function isUrlText(text: string): boolean {
  return /^[!$-;=?-[\]_a-z|~]*$/.test(text);
}
