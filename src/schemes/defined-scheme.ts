/** A scheme that `sign` and `match` describe, with the times of its tokens. */
import { hashHex } from '../signing/digests.ts';
import { type ExpiryPolicy, stepOf } from '../signing/expiry.ts';
import type { Base } from '../url/base.ts';
import { mayHaveParameter } from '../url/token-parameters.ts';
import type { BoundScheme, FetchedSecret, ResolveFailure, Times, UrlPolicy } from './bound.ts';
import { DefinedImage, type SignableUrl } from './defined-image.ts';
import type { CompleteDefinition, SchemeParts, SchemeTraits } from './definition.ts';
import type { NameProblem } from './object-name.ts';
import { imageFrom, stripUrl } from './scheme-results.ts';
import { unsignedParameters, withoutParameters } from './url-parts.ts';
import { type PathRules, urlOfPath, writeUrl } from './written-url.ts';

export class DefinedScheme implements BoundScheme {
  readonly secret: FetchedSecret | undefined;
  readonly bases: readonly Base[];
  readonly policies: readonly ExpiryPolicy[];
  readonly longestLife: number;
  readonly fixedLife: number | undefined;
  readonly maxSignatures: number | undefined;
  readonly #definition: CompleteDefinition;
  readonly #traits: SchemeTraits;
  readonly #policy: UrlPolicy;
  /** The bases that are paths: those that a guard can stand before. */
  readonly #paths: readonly Base[];
  readonly #rules: PathRules;

  constructor({ definition, traits }: SchemeParts, { ttl, stableFor }: Times) {
    this.#definition = definition;
    this.#traits = traits;
    this.secret = traits.secret;
    this.#policy = { ttl, step: stepOf(ttl, stableFor), alwaysPublic: false };
    this.bases = definition.bases.toSorted((a, b) => b.path.length - a.path.length);
    this.#paths = this.bases.filter(({ authority }) => authority === undefined);
    this.#rules = {
      isFree: traits.hasFreePath === true,
      isPlainOnly: definition.plainNames === true,
      sitePaths: this.#paths,
    };
    this.policies = [this.#policy];
    this.longestLife = definition.longestLife ?? Infinity;
    this.maxSignatures = definition.maxSignatures;
    this.fixedLife = traits.hasFixedLife === true ? ttl + this.#policy.step : undefined;
  }

  get servingBase(): Base {
    return this.#definition.bases[0]!; // there is at least one
  }

  get name(): string {
    return this.#definition.name;
  }

  get canVerify(): boolean {
    return this.#definition.verify !== undefined;
  }

  get canGuard(): boolean {
    return this.canVerify && this.#paths.length > 0;
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
    const { name, bases, plainNames, fingerprint } = this.#definition;
    return JSON.stringify([name, bases, plainNames, this.#policy, fingerprint, this.generation]);
  }

  /** There is no key at hand: the fingerprint, which is part of the text, says which secret it is. */
  shortMac(text: string): string {
    return hashHex('sha256', `image-signer: ${this.fingerprint} ${text}`).slice(0, 24);
  }

  resolve(text: string): DefinedImage | ResolveFailure | undefined {
    return this.#match(writeUrl(text, this.bases, this.#rules));
  }

  resolveSigned(text: string): DefinedImage | ResolveFailure | undefined {
    return this.#resolveSigned(text, this.bases);
  }

  resolveTarget(target: string): readonly (DefinedImage | ResolveFailure)[] {
    if (!this.canGuard) return [];
    return this.#paths.flatMap((base) => this.#resolveSigned(target, [base]) ?? []);
  }

  nameProblem(text: string): NameProblem | undefined {
    const written = writeUrl(text, this.bases, this.#rules);
    if (typeof written === 'object') return this.#definition.nameProblem?.(written.url, written.place);
    return written === 'query-too-long' ? undefined : written;
  }

  urlOfId(id: string): string | undefined {
    return urlOfPath(id, this.servingBase, this.#definition.encodeSegment);
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
    const written = writeUrl(text, this.bases, this.#rules);
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
    const written = writeUrl(text, bases, this.#rules);
    const isSpelledAsSigned = typeof written === 'object' && written.text === written.url + written.fragment;
    return typeof written === 'object' && !isSpelledAsSigned ? 'not-a-delivery-url' : this.#match(written);
  }

  /** A parameter that nobody has allowed would be signed with the site's secret, whatever it asks the store for. */
  #signableOf(url: string): SignableUrl {
    const removed = unsignedParameters(url, this.#definition);
    if (removed === undefined) return { url, removed };
    const kept = withoutParameters(url, (name) => removed.includes(name));
    const question = kept.indexOf('?');
    // What remains may be separators alone: a lone `?` would not be there when the URL is signed again.
    const isEmpty = question >= 0 && /^\?&*$/.test(kept.slice(question));
    return { url: isEmpty ? kept.slice(0, question) : kept, removed };
  }

  #match(written: ReturnType<typeof writeUrl>): DefinedImage | ResolveFailure | undefined {
    if (written === undefined) return undefined;
    if (typeof written === 'string') return 'not-a-delivery-url';
    try {
      const signable = this.#signableOf(written.url);
      const found: unknown = this.#definition.match(signable.url, written.place);
      if (found === undefined) return 'not-a-delivery-url';
      const image = imageFrom(found);
      if (image === undefined) return 'scheme-failed';
      return new DefinedImage(this, this.#definition, this.#policy, written, signable, image);
    } catch {
      return 'scheme-failed';
    }
  }
}
