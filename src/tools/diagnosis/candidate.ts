/** A text that a signature may have been computed over, and what that would mean. */

import {
  accountHashOf,
  type DeliveryMatch,
  imageIdOf,
  signedPathOf,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import type { FailureCode } from './explanation.ts';
import type { Parameter } from './parameters.ts';
import type { TokenParts } from './token-parts.ts';

export interface Candidate {
  readonly text: string;
  /** Undefined for a text that is right. */
  readonly code?: FailureCode;
  /** What was signed, as a pattern or in words, to follow "The signature was computed over". */
  readonly says?: string;
  /** Parameters that were added after signing. */
  readonly removed?: readonly Parameter[];
  /** Whether to try it with other keys and digests as well. */
  readonly isCommon?: boolean;
}

/** The parts of a URL from which candidates are made. */
export interface SignedParts {
  readonly match: DeliveryMatch;
  readonly configuration: CloudflareSetup;
  /** As it is signed. */
  readonly path: string;
  /** As the URL has it, with the base. */
  readonly pathInUrl: string;
  /** The parameters without any `sig`. */
  readonly unsigned: readonly Parameter[];
  readonly token: TokenParts;
  /** The value of `exp`, as written. */
  readonly expiry: string | undefined;
  readonly account: string;
  readonly id: string;
  /** The id and the variant, percent-encoded. */
  readonly idAndVariant: string;
}

export function partsOf(
  match: DeliveryMatch,
  token: TokenParts,
  configuration: CloudflareSetup,
): SignedParts {
  const { text, reference, base, path } = match;
  const signedPath = signedPathOf(match);
  return {
    match,
    configuration,
    path: signedPath,
    pathInUrl: text.slice(reference.path, reference.path + base.path.length) + path,
    unsigned: token.parameters.filter(({ name }) => name !== 'sig'),
    token,
    expiry: token.expiries[0]?.value,
    account: accountHashOf(match),
    id: imageIdOf(match),
    idAndVariant: path.slice(match.idStart),
  };
}
