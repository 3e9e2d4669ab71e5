/** A scheme that `sign` and `match` describe, with the times of its tokens. */
import { hashHex } from '../signing/digests.ts';
import { type ExpiryPolicy, stepOf } from '../signing/expiry.ts';
import type { Base } from '../url/base.ts';
import { isAbsolute } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { mayHaveParameter } from '../url/token-parameters.ts';
import type { BoundScheme, FetchedSecret, ResolveFailure, Times, UrlPolicy } from './bound.ts';
import { DefinedImage } from './defined-image.ts';
import type { CompleteDefinition, SchemeParts, SchemeTraits } from './definition.ts';
import { imageFrom, stripUrl } from './scheme-results.ts';
import { type WrittenUrl, writeUrl } from './written-url.ts';

export class DefinedScheme implements BoundScheme {
  readonly secret: FetchedSecret | undefined;
  readonly bases: readonly Base[];
  readonly policies: readonly ExpiryPolicy[];
  readonly longestLife: number;
  readonly fixedLife: number | undefined;
  readonly #definition: CompleteDefinition;
  readonly #traits: SchemeTraits;
  readonly #policy: UrlPolicy;
  /** The bases that are paths: those that a guard can stand before. */
  readonly #paths: readonly Base[];

  constructor({ definition, traits }: SchemeParts, { ttl, stableFor }: Times) {
    this.#definition = definition;
    this.#traits = traits;
    this.secret = traits.secret;
    this.#policy = { ttl, step: stepOf(ttl, stableFor), alwaysPublic: false };
    this.bases = definition.bases.toSorted((a, b) => b.path.length - a.path.length);
    this.#paths = this.bases.filter(({ authority }) => authority === undefined);
    this.policies = [this.#policy];
    this.longestLife = definition.longestLife ?? Infinity;
    this.fixedLife = traits.hasFixedLife === true ? ttl + this.#policy.step : undefined;
  }

  get #hasFreePath(): boolean {
    return this.#traits.hasFreePath === true;
  }

  get servingBase(): Base {
    return this.#definition.bases[0]!; // there is at least one
  }

  get name(): string {
    return this.#definition.name;
  }

  get canGuard(): boolean {
    return this.#definition.verify !== undefined && this.#paths.length > 0;
  }

  get secretSource(): unknown {
    return this.#traits.secret;
  }

  get secretEndsAt(): number {
    return this.#traits.secret?.endsAt ?? Infinity;
  }

  get generation(): number {
    return this.#traits.secret?.generation ?? 0;
  }

  get fingerprint(): string {
    const { name, bases, fingerprint } = this.#definition;
    return JSON.stringify([name, bases, this.#policy, fingerprint, this.generation]);
  }

  /** There is no key at hand: the fingerprint, which is part of the text, says which secret it is. */
  shortMac(text: string): string {
    return hashHex('sha256', `image-signer: ${this.fingerprint} ${text}`).slice(0, 24);
  }

  resolve(text: string): DefinedImage | ResolveFailure | undefined {
    return this.#match(writeUrl(text, this.bases, this.#hasFreePath));
  }

  resolveSigned(text: string): DefinedImage | ResolveFailure | undefined {
    return this.#resolveSigned(text, this.bases);
  }

  resolveTarget(target: string): readonly (DefinedImage | ResolveFailure)[] {
    if (!this.canGuard) return [];
    return this.#paths.flatMap((base) => {
      const resolved = this.#resolveSigned(target, [base]);
      const isForeign = typeof resolved === 'object' && leadsElsewhere(percentDecode(resolved.path.slice(1)));
      return isForeign ? 'not-a-delivery-url' : (resolved ?? []);
    });
  }

  get isTokenParameter(): ((name: string) => boolean) | undefined {
    return this.#definition.isTokenParameter;
  }

  mayCarryToken(text: string): boolean {
    const { isTokenParameter } = this.#definition;
    if (isTokenParameter !== undefined) return mayHaveParameter(text, isTokenParameter);
    const bare = this.unsign(text);
    return bare !== undefined && bare !== text;
  }

  unsign(text: string): string | undefined {
    const written = writeUrl(text, this.bases, this.#hasFreePath);
    if (typeof written !== 'object') return undefined;
    try {
      const url = stripUrl(this.#definition, written);
      return url === written.url ? text : url + written.fragment;
    } catch {
      return undefined;
    }
  }

  /** What `URL` would write in another way is not what was signed. */
  #resolveSigned(text: string, bases: readonly Base[]): DefinedImage | ResolveFailure | undefined {
    const written = writeUrl(text, bases, this.#hasFreePath);
    const isSpelledAsSigned = typeof written === 'object' && written.text === written.url + written.fragment;
    return typeof written === 'object' && !isSpelledAsSigned ? 'not-a-delivery-url' : this.#match(written);
  }

  #match(written: WrittenUrl | 'not-canonical' | undefined): DefinedImage | ResolveFailure | undefined {
    if (written === undefined) return undefined;
    if (written === 'not-canonical') return 'not-a-delivery-url';
    try {
      const found: unknown = this.#definition.match(written.url, written.place);
      if (found === undefined) return 'not-a-delivery-url';
      const image = imageFrom(found);
      if (image === undefined) return 'scheme-failed';
      return new DefinedImage(this, this.#definition, this.#policy, written, image);
    } catch {
      return 'scheme-failed';
    }
  }
}

/**
 * Whether a handler that resolves the id against the URL of its store (`new URL(id, store)`) would read another object.
 * `URL` strips spaces from both ends.
 */
function leadsElsewhere(id: string): boolean {
  return id.startsWith(' ') || id.endsWith(' ') || isAbsolute(id);
}
