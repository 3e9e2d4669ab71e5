/**
 * What a signer asks of a scheme once the times of its tokens are known. Everything above knows this, and no scheme.
 */
import type { EpochSeconds, ExpiryPolicy } from '../signing/expiry.ts';
import type { Base } from '../url/base.ts';
import type { NameProblem } from './object-name.ts';

/**
 * The image that a URL names: what `authorize` is asked about, and what `verifyImage` returns. Schemes other than Cloudflare
 * Images have neither `accountHash` nor `variant`: both are undefined there.
 */
export interface DeliveryImage {
  /** The delivery URL, without a token: `'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb'`. */
  readonly url: string;
  /** The base that the URL begins with, as the option `delivery` gives it. */
  readonly base: string;
  /** The account that the image belongs to, as a delivery URL writes it. */
  readonly accountHash: string;
  /** The image id, percent-decoded. It may contain slashes: use it for look-ups, not to build paths. */
  readonly id: string;
  /** The name of the variant, percent-decoded. */
  readonly variant: string;
}

/** Why a token does not verify. */
export type TokenFailure = 'missing-signature' | 'malformed-signature' | 'bad-signature' | 'expired';

export type TokenResult =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };

/** Why a URL under a base may not be signed. */
export type ResolveFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed';

/** How long the tokens of an image live. */
export interface UrlPolicy extends ExpiryPolicy {
  /** Its URLs carry no token. */
  readonly alwaysPublic: boolean;
}

/** What a signer says of the times of its tokens, in seconds. */
export interface Times {
  readonly ttl: number;
  /** Undefined: a quarter of the ttl in force. */
  readonly stableFor?: number | undefined;
}

/** The URL of an image that may be signed. */
export interface ResolvedImage {
  readonly scheme: BoundScheme;
  readonly policy: UrlPolicy;
  /** The same for every URL of this image and variant: `authorize` is asked once for it. */
  readonly key: string;
  /** What follows the base in the URL that is signed, percent-encoded. */
  readonly path: string;
  /** The URL without a token; the rest as written. */
  readonly bare: string;
  /** The URL without a token, as it would be signed. */
  readonly canonical: string;
  /** The names of the parameters that it has, and loses when it is signed; undefined if there are none. */
  readonly unsignedParameters?: readonly string[];
  /** Computed only if it is asked for. */
  image(): DeliveryImage;
  /**
   * @param life - in seconds: how long before `exp` the token begins at most; the policy's ttl and step by default
   * @throws if the scheme fails
   */
  sign(exp: EpochSeconds, life?: ExpiryPolicy): string;
  verify(now: EpochSeconds): TokenResult;
  /** The URL with another variant; everything else stays as written. Without a token if the scheme has no variants. */
  inVariant(variant: string): string;
}

/** A secret that a function of the app gives, which may be asynchronous. */
export interface FetchedSecret {
  /** Changes whenever the secret does: URLs that were signed before are signed anew. */
  readonly generation: number;
  /** In Unix seconds: no token may outlive it. `Infinity` if the secret does not end. */
  readonly endsAt: number;
  /**
   * Fetches it where that is due. It never rejects.
   * @param now - in Unix seconds
   * @returns a promise as long as there is no secret yet
   */
  refresh(now: number): Promise<void> | undefined;
  /** Why there is no secret yet; undefined if there is one. */
  readonly failure: unknown;
  /** Has failures told, also those that come while there is a secret. */
  listen(onFailure: (error: unknown) => void): void;
}

export interface BoundScheme {
  readonly name: string;
  readonly bases: readonly Base[];
  /** The base that serves ids. */
  readonly servingBase: Base;
  /** Of the images that are signed. */
  readonly policies: readonly ExpiryPolicy[];
  /** In seconds: a token may not live longer. */
  readonly longestLife: number;
  /** In seconds: every token lives so long, whatever is asked; undefined if a token says its own expiry. */
  readonly fixedLife: number | undefined;
  /** How many signatures one response may compute; undefined for MACs, which take microseconds. */
  readonly maxSignatures: number | undefined;
  /** Undefined for a secret that was given as text, and does not end. */
  readonly secret: FetchedSecret | undefined;
  /** The function that gives the secret, or what stands for it: two signers with the same one sign alike. */
  readonly secretSource: unknown;
  /** In Unix seconds: when the secret ends. No token outlives it. 0 if there is none yet. */
  readonly secretEndsAt: number;
  /** Changes whenever the secret does: what was signed before is signed anew. */
  readonly generation: number;
  /** All that decides a token, but no secret. It changes when the secret does. */
  readonly fingerprint: string;
  /** Whether it verifies tokens. */
  readonly canVerify: boolean;
  /** Whether a guard can stand before its images: it verifies tokens, and has a base that a request's target may have. */
  readonly canGuard: boolean;
  /** A short digest that binds something other than a URL to the secret, such as an entity tag. */
  shortMac(text: string): string;
  /** @returns undefined for a URL under no base of the scheme */
  resolve(text: string): ResolvedImage | ResolveFailure | undefined;
  /** The same for a URL that is verified: it has to be spelled as it is signed. */
  resolveSigned(text: string): ResolvedImage | ResolveFailure | undefined;
  /** The same for the target of a request, which has no host: under each base whose path it has. */
  resolveTarget(target: string): readonly (ResolvedImage | ResolveFailure)[];
  /**
   * Whether the URL may carry a token. If not, the signed URL depends on nothing else than this text, the options and the
   * step. Cheap: true also where that takes a closer look, and anything for a URL under no base.
   */
  mayCarryToken(text: string): boolean;
  /** A URL of the scheme, allowed or not, without a token; undefined for any other text. */
  unsign(text: string): string | undefined;
  /** Why a URL under a base is not signed, if that is for the name of its object. */
  nameProblem?(text: string): NameProblem | undefined;
  /**
   * The URL of an image id, which is plain text, whether it may be signed or not; undefined for a text that is not Unicode.
   * Absent where an id alone does not name an image.
   */
  urlOfId?(id: string): string | undefined;
  /** Whether a parameter of this name, decoded, belongs to a token; undefined if a token may stand elsewhere as well. */
  readonly isTokenParameter: ((name: string) => boolean) | undefined;
}

/** Changes whenever a secret does. */
export function generationOf(schemes: readonly BoundScheme[]): number {
  let sum = 0;
  for (const { generation } of schemes) sum += generation;
  return sum;
}
