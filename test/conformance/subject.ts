/** What a behaviour is run over, besides a server: the images of a store, the pages with them, and a signer for them. */
import { createSigner, type Signer } from '../../src/index.ts';
import { instant } from '../support/samples.ts';
import { type Contents, contentsOf } from './sites/contents.ts';
import type { Store } from './stores/store.ts';

export interface Subject extends Store, Contents {
  /** It gives what the sites' signers give. */
  readonly signer: Signer;
}

/** @returns when a token ends, in Unix seconds; it has to be valid */
export function expiryOf(signed: string, signer: Signer): number {
  const verdict = signer.verifyImage(signed, instant);
  if (verdict.ok && 'expiresAt' in verdict) return verdict.expiresAt;
  throw new Error(`${signed} has no token that is valid`);
}

export function subjectOf(store: Store): Subject {
  const signer = createSigner({ ttl: '1d', ...store.options, now: () => instant } as never);
  return { ...store, ...contentsOf(store.url), signer };
}
