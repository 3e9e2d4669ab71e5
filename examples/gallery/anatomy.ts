/** Splits a signed URL into its parts, for the page that explains it. */
import type { DeliveryImage, Signer } from 'image-signer';

export interface Part {
  readonly name: 'base' | 'account' | 'image' | 'variant' | 'exp' | 'sig';
  /** The delimiter before it: a slash, `?exp=`, `&sig=`. */
  readonly lead: string;
  readonly text: string;
}

export interface Anatomy {
  readonly parts: readonly Part[];
  /** In Unix seconds; undefined for a variant that is always public. */
  readonly expiresAt: number | undefined;
  /** The text that was signed; undefined for a variant that is always public. */
  readonly signedText: string | undefined;
}

/** @returns undefined for a URL that the signer does not accept */
export function dissect(signer: Signer<string, DeliveryImage>, url: string): Anatomy | undefined {
  const verification = signer.verifyImage(url);
  if (!verification.ok) return undefined;
  const { base, accountHash, id, variant } = verification.image;
  const parts: Part[] = [
    { name: 'base', lead: '', text: base },
    { name: 'account', lead: '/', text: accountHash },
    { name: 'image', lead: '/', text: id },
    { name: 'variant', lead: '/', text: variant },
  ];
  if ('alwaysPublic' in verification) return { parts, expiresAt: undefined, signedText: undefined };
  const { expiresAt } = verification;
  parts.push(
    { name: 'exp', lead: '?exp=', text: String(expiresAt) },
    { name: 'sig', lead: '&sig=', text: url.slice(url.lastIndexOf('=') + 1) },
  );
  return { parts, expiresAt, signedText: `/${accountHash}/${id}/${variant}?exp=${expiresAt}` };
}
