/** Calls a scheme's functions as a signer does: with the place of the path and the query. */
import { expect } from 'vitest';
import { ImageSignerError } from '../../../src/errors.ts';
import {
  type Definition,
  definitionOf,
  type MatchedImage,
  type Scheme,
  type SignTerms,
  type TokenVerification,
} from '../../../src/schemes/definition.ts';
import { mostSpecificFirst, placeOf } from '../../../src/schemes/url-parts.ts';
import { findBase } from '../../../src/url/base.ts';

export interface SchemeCalls {
  readonly fingerprint: string;
  readonly definition: Definition;
  match(url: string): MatchedImage | undefined;
  id(url: string): string | undefined;
  strip(url: string): string;
  /** @param terms - or the expiry alone */
  sign(url: string, terms: SignTerms | number): string;
  verify(url: string, now: number): TokenVerification;
  /** `'ok'`, or the reason; undefined for a scheme that does not verify. */
  verdict(url: string, now: number): string | undefined;
}

/** All that tells the tokens of two schemes apart. */
export function fingerprintOf(scheme: Scheme): string {
  const { bases, fingerprint, secrets } = definitionOf(scheme)!;
  return JSON.stringify([bases, fingerprint, secrets?.fingerprint]);
}

export function callsOf(scheme: Scheme): SchemeCalls {
  const definition = definitionOf(scheme)!;
  const bases = mostSpecificFirst(definition.bases);
  const match = (url: string): MatchedImage | undefined => {
    const query = url.includes('?') ? url.indexOf('?') : url.length;
    const { base } = findBase(url, bases) ?? { base: bases[0]! };
    const found = definition.match(url, { base, path: placeOf(url, bases)!.path, query });
    return typeof found === 'object' ? found : undefined;
  };
  return {
    fingerprint: fingerprintOf(scheme),
    definition,
    match,
    id: (url) => match(url)?.id,
    strip: (url) => definition.strip(url),
    sign: (url, terms) => definition.sign(url, typeof terms === 'number' ? termsFrom(terms, 0) : terms),
    verify(url, now) {
      // Which of several secrets has signed is asked elsewhere.
      const { keyIndex: _, ...verification } = definition.verify!(url, now);
      return verification;
    },
    verdict(url, now) {
      const verification = definition.verify?.(url, now);
      return verification?.ok === false ? verification.reason : verification && 'ok';
    },
  };
}

/** Terms of a token that is valid from an instant on. Both in seconds. */
export function termsFrom(issuedAt: number, lifetime: number): SignTerms {
  return { exp: issuedAt + lifetime, ttl: lifetime, step: 0 };
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
