/** Calls a scheme's definition as the signer does: with the place of the path and the query. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { ImageSignerError } from '../../src/errors.ts';
import {
  definitionOf,
  type MatchedImage,
  type Scheme,
  type TokenVerification,
} from '../../src/schemes/definition.ts';
import { mostSpecificFirst, placeOf } from '../../src/schemes/url-parts.ts';
import { findBase } from '../../src/url/base.ts';

export interface SchemeCalls {
  match(url: string): MatchedImage | undefined;
  strip(url: string): string;
  sign(url: string, exp: number): string;
  verify(url: string, now: number): TokenVerification;
}

export function callsOf(scheme: Scheme): SchemeCalls {
  const definition = definitionOf(scheme)!;
  const bases = mostSpecificFirst(definition.bases);
  return {
    match: (url) => {
      const question = url.indexOf('?');
      const query = question < 0 ? url.length : question;
      const { base } = findBase(url, bases) ?? { base: bases[0]! };
      const found = definition.match(url, { base, path: placeOf(url, bases)!.path, query });
      return typeof found === 'string' ? undefined : found;
    },
    strip: (url) => definition.strip(url),
    sign: (url, exp) => definition.sign(url, { exp, ttl: 3_600, step: 900 }),
    verify: (url, now) => {
      // Which of several secrets has signed is asked elsewhere.
      const { keyIndex: _, ...verification } = definition.verify!(url, now);
      return verification;
    },
  };
}

/**
 * Signs, strips, matches and verifies one URL. `expect` is called only to tell what is wrong: tens of thousands of calls
 * would take most of a minute.
 * @param changed - the signed URL with something changed
 */
export function expectToken(
  calls: SchemeCalls,
  given: string,
  signed: string,
  { id, exp, changed }: { readonly id: string; readonly exp: number; readonly changed: string },
): void {
  const is = {
    id: calls.match(given)?.id,
    signed: calls.sign(given, exp),
    signedId: calls.match(signed)?.id,
    stripped: calls.strip(signed),
    before: calls.verify(signed, exp - 1),
    at: calls.verify(signed, exp),
    changed: calls.verify(changed, 0),
  };
  const wanted = {
    id,
    signed,
    signedId: id,
    stripped: given,
    before: { ok: true, expiresAt: exp },
    at: { ok: false, reason: 'expired' },
    changed: { ok: false, reason: 'bad-signature' },
  };
  if (!isDeepStrictEqual(is, wanted)) expect(is, given).toEqual(wanted);
}

/** The error that a factory throws. */
export function errorOf(make: () => unknown): ImageSignerError {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(ImageSignerError);
    return error as ImageSignerError;
  }
  throw new Error('nothing was thrown');
}
