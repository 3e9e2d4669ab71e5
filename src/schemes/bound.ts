/**
 * A scheme, bound to the times of a signer's tokens: it says which image a URL is. Everything above knows this, and no single
 * scheme.
 * Longer than most files: the parts of a scheme that others ask for, one by one.
 */
import { hashHex } from '../signing/digests.ts';
import type { ExpiryTerms } from '../signing/expiry.ts';
import type { Base, FromBase } from '../url/base.ts';
import { mayHaveParameter } from '../url/token-parameters.ts';
import { guarded } from './app-functions.ts';
import type { Definition, FetchedSecret } from './definition.ts';
import { isOfSite, isPath, renamedUrl } from './from.ts';
import type { NameProblem } from './object-name.ts';
import {
  ImageOf,
  lifetimeOf,
  type ResolveFailure,
  type Times,
  type UrlLifetime,
  type Variant,
  variantsOf,
} from './resolved-image.ts';
import { mostSpecificFirst, signablePart, unsignedParameters, withoutLoneQuestionMark } from './url-parts.ts';
import { asText, type PathRules, type Unread, urlOfPath, type WrittenUrl, writeUrl } from './written-url.ts';

export class BoundScheme {
  readonly definition: Definition;
  readonly name: string;
  /** The most specific first. */
  readonly bases: readonly Base[];
  /** Other bases under which the same images are stored, the most specific first. A verified URL is under none of them. */
  readonly from: readonly FromBase[];
  /** Whether `from` has a path of the site, and no folder says which of all that is below it are images. */
  readonly hasUnsurePaths: boolean;
  /** Empty for a store that has none. A map, so that `constructor` is no variant unless it is on the list. */
  readonly variants: ReadonlyMap<string, Variant>;
  readonly hasVariants: boolean;
  /** Of the images that are signed. */
  readonly lifetimes: readonly ExpiryTerms[];
  /** In seconds: a token may not live longer. */
  readonly longestLife: number;
  /** In seconds: every token lives so long, whatever is asked; undefined if a token says its own expiry. */
  readonly fixedLife: number | undefined;
  /** How many signatures one response may compute; undefined for MACs, which take microseconds. */
  readonly maxSignatures: number | undefined;
  /** Undefined for a secret that was given as text, and does not end. */
  readonly secret: FetchedSecret | undefined;
  readonly #lifetime: UrlLifetime;
  readonly #stableFor: number | undefined;
  readonly #guardBases: readonly Base[];
  readonly #rules: PathRules;

  constructor(definition: Definition, times: Times) {
    this.definition = definition.isForeign === true ? guarded(definition) : definition;
    this.name = definition.name;
    this.secret = definition.secrets?.lifetime;
    this.longestLife = definition.longestLife ?? Infinity;
    this.maxSignatures = definition.maxSignatures;
    this.bases = mostSpecificFirst(definition.bases);
    this.from = mostSpecificFirst(definition.from ?? []);
    this.hasUnsurePaths = !definition.isLimited && this.from.some(isPath);
    const paths = this.bases.filter(isPath);
    this.#guardBases = definition.guardBases ?? paths;
    this.#rules = {
      isFree: definition.hasFreePath === true,
      isPlainOnly: definition.plainNames === true,
      tokenSegment: definition.tokenSegment,
      sitePaths: paths,
    };
    this.#stableFor = times.stableFor;
    this.#lifetime = lifetimeOf(times);
    this.fixedLife = definition.hasFixedLife === true ? times.ttl + this.#lifetime.step : undefined;
    this.variants = variantsOf(definition, times);
    this.hasVariants = definition.variants !== undefined;
    this.lifetimes = this.hasVariants
      ? [...this.variants.values()].filter(({ alwaysPublic }) => !alwaysPublic)
      : [this.#lifetime];
  }

  /** Whether it verifies tokens. */
  get canVerify(): boolean {
    return this.definition.verify !== undefined;
  }

  /** Whether a guard can stand before its images: it verifies tokens, and has a base that a request's target may have. */
  get canGuard(): boolean {
    return this.canVerify && this.#guardBases.length > 0;
  }

  /** In Unix seconds: when the secret ends. No token outlives it. 0 if there is none yet. */
  get secretEndsAt(): number {
    return this.secret === undefined ? Infinity : this.secret.endsAt;
  }

  /** Changes whenever the secret does: what was signed before is signed anew. */
  get generation(): number {
    return this.secret === undefined ? 0 : this.secret.generation;
  }

  /** All that decides a token, but no secret. */
  get fingerprint(): string {
    const { name, bases, from, plainNames, fingerprint, secrets } = this.definition;
    const variants = [...this.variants.values()].map(({ picture: _, ...rules }) => rules);
    const lifetimes = [this.#lifetime, this.#stableFor ?? null, inOneOrder(variants)];
    const [first, ...others] = bases; // the first serves ids
    const places = [first, inOneOrder(others), inOneOrder(from ?? [])];
    return JSON.stringify([name, places, plainNames, lifetimes, fingerprint, secrets?.fingerprint]);
  }

  /**
   * A short digest that binds something other than a URL to the secret, such as an entity tag. Where no key is at hand, the
   * fingerprint, which is part of the text, says which secret it is.
   */
  shortMac(text: string): string {
    return (
      this.definition.shortMac?.(text) ??
      hashHex('sha256', `image-signer: ${this.fingerprint} ${text}`).slice(0, 24)
    );
  }

  /** @returns undefined for a URL under no base of the scheme */
  resolve(text: string): ResolvedImage | ResolveFailure | undefined {
    const written = this.#read(text, this.bases);
    if (written !== undefined) return this.#match(written);
    const renamed = this.rename(text);
    return renamed === undefined ? undefined : this.#matchRenamed(text, this.#read(renamed, this.bases));
  }

  /** Whether it signs the URL. */
  signs(text: string): boolean {
    return typeof this.resolve(text) === 'object';
  }

  /** The URL that one under `from` stands for; undefined for any other. */
  rename(text: string): string | undefined {
    return this.from.length === 0 ? undefined : renamedUrl(text, this.from, this.firstBase);
  }

  /** Whether the URL may as well be one of a page or a program of the site, as it is taken for where no image is expected. */
  isUnsure(text: string): boolean {
    return this.hasUnsurePaths && isOfSite(text) && this.rename(text) !== undefined;
  }

  /** New URLs begin with it. */
  get firstBase(): Base {
    return this.definition.bases[0]!; // there is at least one
  }

  /** All bases that a URL in a page may begin with. */
  get namedBases(): readonly Base[] {
    return this.from.length === 0 ? this.bases : [...this.bases, ...this.from];
  }

  /** A path of the site has more below it than images: a URL that is not one of them is no mistake. */
  #matchRenamed(
    text: string,
    written: WrittenUrl | Unread | undefined,
  ): ResolvedImage | ResolveFailure | undefined {
    const found = this.#match(written);
    return found === 'not-a-delivery-url' && isOfSite(text) ? undefined : found;
  }

  /** Resolves a URL to verify, which has to be spelled as it is signed. @returns undefined for a URL under no base of the scheme */
  resolveSigned(text: string): ResolvedImage | ResolveFailure | undefined {
    return this.#matchSigned(this.#read(text, this.bases));
  }

  /**
   * Resolves the target of a request to verify. It has no host, so it may be under several bases.
   * @param bases - those of a guard unless a delivery has others
   */
  resolveTarget(
    target: string,
    bases: readonly Base[] = this.#guardBases,
  ): readonly (ResolvedImage | ResolveFailure)[] {
    if (!this.canVerify) return [];
    return bases.flatMap((base) => this.#matchSigned(this.#read(target, [base])) ?? []);
  }

  /**
   * Whether the URL may carry a token. If not, the signed URL depends on nothing else than this text, the options and the
   * step. Cheap: true also where that takes a closer look, and anything for a URL under no base.
   */
  mayCarryToken(text: string): boolean {
    const { isTokenParameter } = this.definition;
    if (isTokenParameter !== undefined)
      return mayHaveParameter(text, isTokenParameter) || this.mayHoldTokenInPath(text);
    const url = this.rename(text) ?? text;
    const bare = this.unsign(url);
    return bare !== undefined && bare !== url;
  }

  /** Whether a segment of the path may be a token, for a scheme whose tokens stand in the query otherwise. */
  mayHoldTokenInPath(text: string): boolean {
    const { tokenSegment } = this.definition;
    return tokenSegment !== undefined && text.includes(`/${tokenSegment}`);
  }

  /** A URL of the scheme, allowed or not, without a token and under its own base; undefined for any other text. */
  unsign(text: string): string | undefined {
    const written = this.#readAny(text);
    if (typeof written !== 'object') return undefined;
    try {
      return asText(written, this.strip(written.url, written));
    } catch {
      return undefined;
    }
  }

  /**
   * The URL without its token, and without its fragment.
   * @throws if the scheme fails
   */
  strip(url: string, { place, queryInText }: WrittenUrl): string {
    const bare = this.definition.strip(url, place);
    return bare === url || queryInText !== undefined ? bare : withoutLoneQuestionMark(bare);
  }

  /** Why a URL under a base is not signed, if that is for the name of its object. */
  nameProblem(text: string): NameProblem | undefined {
    const { read, nameProblem } = this.definition;
    if (read !== undefined && nameProblem === undefined) return undefined; // not read once more
    const written = this.#readAny(text);
    if (typeof written === 'object') return this.definition.nameProblem?.(written.url, written.place);
    return written === 'unreadable' ? undefined : written;
  }

  /**
   * The URL of an image id, which is plain text, whether it may be signed or not; undefined for a text that no path can hold,
   * or for a store that has variants.
   */
  urlOfId(id: string): string | undefined {
    return this.hasVariants ? undefined : urlOfPath(id, this.firstBase, this.definition.encodeSegment);
  }

  /** Under a base of the scheme, or under one of `from`. */
  #readAny(text: string): WrittenUrl | Unread | undefined {
    const written = this.#read(text, this.bases);
    if (written !== undefined) return written;
    const renamed = this.rename(text);
    return renamed === undefined ? undefined : this.#read(renamed, this.bases);
  }

  #read(text: string, bases: readonly Base[]): WrittenUrl | Unread | undefined {
    const { definition } = this;
    return definition.read === undefined ? writeUrl(text, bases, this.#rules) : definition.read(text, bases);
  }

  /** What `URL` would write in another way is not what was signed. */
  #matchSigned(written: WrittenUrl | Unread | undefined): ResolvedImage | ResolveFailure | undefined {
    const isSpelledAsSigned = typeof written === 'object' && written.text === written.url + written.fragment;
    return typeof written === 'object' && !isSpelledAsSigned ? 'not-a-delivery-url' : this.#match(written);
  }

  #match(written: WrittenUrl | Unread | undefined): ResolvedImage | ResolveFailure | undefined {
    if (written === undefined) return undefined;
    if (typeof written === 'string') return 'not-a-delivery-url';
    try {
      const { signsParameter } = this.definition;
      const removed = signsParameter && unsignedParameters(written.url, this.definition);
      const url = removed === undefined ? written.url : signablePart(written.url, removed);
      const found = this.definition.match(url, written.place);
      if (found === undefined) return 'not-a-delivery-url';
      if (typeof found === 'string') return found;
      const lifetime = this.hasVariants ? this.variants.get(found.variant!)! : this.#lifetime; // `match` knows them all
      return new ImageOf(this, lifetime, written, url, removed, found);
    } catch {
      return 'scheme-failed';
    }
  }
}

/** The URL of an image that may be signed. */
export type ResolvedImage = ImageOf<BoundScheme>;

/** Changes whenever a secret does. */
export function generationOf(schemes: readonly BoundScheme[]): number {
  let sum = 0;
  for (const { generation } of schemes) sum += generation;
  return sum;
}

/** Of a list whose order decides nothing: two processes whose options differ in it alone give the same entity tags. */
function inOneOrder(list: readonly object[]): readonly string[] {
  return list.map((each) => JSON.stringify(each)).toSorted();
}
