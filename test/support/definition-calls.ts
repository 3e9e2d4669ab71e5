/** Calls the functions of a built-in scheme as a signer does. */
import { type Definition, definitionOf, type Scheme, type SignTerms } from '../../src/schemes/definition.ts';
import { findBase } from '../../src/url/base.ts';

export interface SchemeCalls {
  readonly fingerprint: string;
  readonly definition: Definition;
  id(url: string): string | undefined;
  strip(url: string): string;
  sign(url: string, terms: SignTerms): string;
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
  return {
    fingerprint: fingerprintOf(scheme),
    definition,
    id(url) {
      const { base, reference } = findBase(url, definition.bases)!;
      const place = { base, path: reference.path + base.path.length, query: reference.query };
      const found = definition.match(url, place);
      return typeof found === 'object' ? found.id : found;
    },
    strip: (url) => definition.strip(url),
    sign: (url, terms) => definition.sign(url, terms),
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
