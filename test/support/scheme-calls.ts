/** Calls a scheme's definition as the signer does: with the place of the path and the query. */
import { expect } from 'vitest';
import { ImageSignerError } from '../../src/errors.ts';
import type { MatchedImage, Scheme, TokenVerification } from '../../src/schemes/definition.ts';
import { partsOf } from '../../src/schemes/definition.ts';
import { endOfBase, mostSpecificFirst } from '../../src/schemes/token-places.ts';

export interface SchemeCalls {
  match(url: string): MatchedImage | undefined;
  strip(url: string): string;
  sign(url: string, exp: number): string;
  verify(url: string, now: number): TokenVerification;
}

export function callsOf(scheme: Scheme): SchemeCalls {
  const { definition } = partsOf(scheme)!;
  const bases = mostSpecificFirst(definition.bases);
  return {
    match: (url) => {
      const question = url.indexOf('?');
      const query = question < 0 ? url.length : question;
      return definition.match(url, { path: endOfBase(url, bases)!, query });
    },
    strip: (url) => definition.strip(url),
    sign: (url, exp) => definition.sign(url, { exp, ttl: 3_600, step: 900 }),
    verify: (url, now) => definition.verify!(url, now),
  };
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
