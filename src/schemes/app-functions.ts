/** Checks what the functions of an app's scheme return: they receive URLs that a stranger has chosen. */
import { ImageSignerError } from '../errors.ts';
import { swallowRejection } from '../rejection.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import type { Definition, MatchedImage, TokenFailure, TokenResult } from './definition.ts';

/**
 * The app's function, but throwing if it returns a promise: a promise would count as a yes, and its rejection would end the
 * process.
 */
export function withoutPromises<F extends (...args: never[]) => unknown>(call: F): F {
  const checked = (...args: never[]): unknown => {
    const result = call(...args);
    if (swallowRejection(result))
      throw new TypeError(
        'expected a value, got a promise. The function must be synchronous: fetch what it needs beforehand.',
      );
    return result;
  };
  return checked as F; // it returns what `call` has returned
}

/**
 * The app's `respell`, but throwing unless the result names the same thing as the path, in the same folder. Otherwise a stranger
 * could move a part of the name into the query, where `parameters` would not be asked.
 */
export function sameNames(respell: (path: string) => string): (path: string) => string {
  const call = withoutPromises(respell);
  return (path) => {
    const result: unknown = call(path);
    if (result === path) return path;
    if (typeof result !== 'string' || /[?#]/.test(result) || !isSame(namesIn(result), namesIn(path)))
      throw new TypeError('expected `respell` to return the same segments, in another spelling');
    return result;
  };
}

function namesIn(path: string): readonly string[] {
  return path.split('/').map(percentDecode);
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, at) => name === others[at]);
}

/** The same scheme, with the results of the app's functions checked. */
export function guarded(definition: Definition): Definition {
  const { verify } = definition;
  return {
    ...definition,
    match(url, place) {
      const found: unknown = definition.match(url, place);
      return found === undefined ? undefined : (imageFrom(found) ?? 'scheme-failed');
    },
    strip(url, place) {
      const result = run(definition, 'strip', () => definition.strip(url));
      // Most URLs have no token. The unchanged text needs no check.
      if (result === url) return url;
      return checkUrl(definition, 'strip', url.slice(0, place!.path + 1), result); // every URL was read
    },
    sign(url, terms, place) {
      const result = run(definition, 'sign', () => definition.sign(url, terms, place));
      return checkUrl(definition, 'sign', url.slice(0, place!.path + 1), result); // as above
    },
    verify: verify && ((url, now, place) => resultFrom(verify(url, now, place), now)),
  };
}

/** @throws ImageSignerError SCHEME_FAILED */
function run(definition: Definition, call: 'strip' | 'sign', call_: () => unknown): unknown {
  try {
    return call_();
  } catch (error) {
    throw schemeFailed(definition, call, error);
  }
}

/** The URL goes into pages, where another character could end an attribute, and another host would receive the visitors. */
function checkUrl(definition: Definition, call: 'strip' | 'sign', base: string, result: unknown): string {
  if (typeof result === 'string' && result.startsWith(base) && isUrlText(result)) return result;
  swallowRejection(result);
  throw schemeFailed(definition, call, undefined);
}

/** Whether a text consists of URL characters, without a fragment: those of RFC 3986, and `|`, `[`, `]`. */
function isUrlText(text: string): boolean {
  return /^[!$-;=?-[\]_a-z|~]*$/.test(text);
}

function schemeFailed({ name }: Definition, call: 'strip' | 'sign', cause: unknown): ImageSignerError {
  return new ImageSignerError(
    'SCHEME_FAILED',
    `${call} of the scheme ${name} expected to return a URL under the same base, in ASCII and without a fragment. checkScheme of image-signer/testing finds out more.`,
    undefined,
    cause,
  );
}

/** @returns undefined for anything but an image */
function imageFrom(result: unknown): MatchedImage | undefined {
  if (typeof result !== 'object' || result === null || swallowRejection(result)) return undefined;
  const image = { ...result } as MatchedImage; // later, a getter could throw
  return typeof image.id === 'string' ? image : undefined;
}

/** The reasons that `verify` can return. The compiler keeps the list complete. */
const failures: Readonly<Record<TokenFailure, true>> = {
  'missing-signature': true,
  'malformed-signature': true,
  'bad-signature': true,
  expired: true,
};

/** @param now - in Unix seconds */
function resultFrom(result: unknown, now: number): TokenResult {
  if (!swallowRejection(result)) {
    const { ok, expiresAt, reason } = (result ?? {}) as Partial<
      Record<'ok' | 'expiresAt' | 'reason', unknown>
    >;
    if (ok === true && Number.isFinite(expiresAt) && now < (expiresAt as number))
      return { ok: true, expiresAt: expiresAt as number };
    if (ok === false && Object.hasOwn(failures, reason as string))
      return { ok: false, reason: reason as TokenFailure };
  }
  return { ok: false, reason: 'bad-signature' };
}
