/**
 * A scheme, bound to the times of a signer's tokens: it finds the image of a URL. Everything above uses this class, and knows
 * no particular scheme.
 * Longer than most files: it gives access to the parts of a scheme, one by one.
 */
import { hashHex } from '../signing/digests.ts';
import type { ExpiryTerms } from '../signing/expiry.ts';
import type { Base, FromBase } from '../url/base.ts';
import { percentDecode } from '../url/percent-encoding.ts';
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
  /** As the app has made it. */
  readonly given: Definition;
  readonly name: string;
  /** The most specific first. */
  readonly bases: readonly Base[];
  /** Other bases under which the same images are stored, the most specific first. A verified URL is under none of them. */
  readonly from: readonly FromBase[];
  /** Whether `from` has a path of the site, without `prefixes` or variants that tell which paths below it are images. */
  readonly hasUnsurePaths: boolean;
  /** Empty for a store without variants. A map, so that `constructor` is a variant only if it is listed. */
  readonly variants: ReadonlyMap<string, Variant>;
  readonly hasVariants: boolean;
  /** The lifetimes of the images that are signed. */
  readonly lifetimes: readonly ExpiryTerms[];
  /** In seconds: the longest life of a token. */
  readonly longestLife: number;
  /** In seconds: the life of every token, whatever a call asks for; undefined if a token contains its own expiry. */
  readonly fixedLife: number | undefined;
  /** How many signatures one response may compute; undefined for MACs, which take microseconds. */
  readonly maxSignatures: number | undefined;
  /** Undefined for a fixed secret that does not end. */
  readonly secret: FetchedSecret | undefined;
  readonly #lifetime: UrlLifetime;
  readonly #stableFor: number | undefined;
  readonly #guardBases: readonly Base[];
  readonly #rules: PathRules;
  readonly #allBases: readonly Base[];

  /** @param bases - of all schemes of the signer */
  constructor(definition: Definition, times: Times, bases: readonly Base[] = definition.bases) {
    this.given = definition;
    this.#allBases = bases;
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

  /** Whether the scheme verifies tokens. */
  get canVerify(): boolean {
    return this.definition.verify !== undefined;
  }

  /** Whether a guard can protect its images: it verifies tokens, and has a base that a request target can begin with. */
  get canGuard(): boolean {
    return this.canVerify && this.#guardBases.length > 0;
  }

  /** In Unix seconds: when the secret ends. No token outlives it. 0 if there is no secret yet. */
  get secretEndsAt(): number {
    return this.secret === undefined ? Infinity : this.secret.endsAt;
  }

  /** Changes whenever the secret does: cached URLs are then signed again. */
  get generation(): number {
    return this.secret === undefined ? 0 : this.secret.generation;
  }

  /** Everything that decides a token, without secrets. */
  get fingerprint(): string {
    const { name, bases, from, plainNames, fingerprint, secrets } = this.definition;
    const variants = [...this.variants.values()].map(({ picture: _, ...rules }) => rules);
    const lifetimes = [this.#lifetime, this.#stableFor ?? null, inOneOrder(variants)];
    const [first, ...others] = bases; // the first is used for ids
    const places = [first, inOneOrder(others), inOneOrder(from ?? [])];
    return JSON.stringify([name, places, plainNames, lifetimes, fingerprint, secrets?.fingerprint]);
  }

  /**
   * A short digest that binds something other than a URL to the secret, such as an entity tag. Without a MAC of the scheme,
   * the fingerprint, which is part of the hashed text, identifies the secret.
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

  /** The delivery URL for a URL under `from`; undefined for any other. */
  rename(text: string): string | undefined {
    return this.from.length === 0 ? undefined : renamedUrl(text, this.from, this.firstBase);
  }

  /** Whether the URL could also be a page or a script of the site. Where no image is expected, it is left alone. */
  isUnsure(text: string): boolean {
    return this.hasUnsurePaths && isOfSite(text) && this.rename(text) !== undefined;
  }

  /** The base of new URLs. */
  get firstBase(): Base {
    return this.definition.bases[0]!; // there is at least one
  }

  /** All bases with which a URL in a page can begin. */
  get namedBases(): readonly Base[] {
    return this.from.length === 0 ? this.bases : [...this.bases, ...this.from];
  }

  /** A path of the site can contain more than images: a URL there that is not an image is not a mistake. */
  #matchRenamed(
    text: string,
    written: WrittenUrl | Unread | undefined,
  ): ResolvedImage | ResolveFailure | undefined {
    const found = this.#match(written);
    return found === 'not-a-delivery-url' && isOfSite(text) ? undefined : found;
  }

  /** Resolves a URL to verify, which must be spelled as it is signed. @returns undefined for a URL under no base of the scheme */
  resolveSigned(text: string): ResolvedImage | ResolveFailure | undefined {
    return this.#matchSigned(this.#read(text, this.bases));
  }

  /**
   * Resolves a request target to verify. It has no host, so it can be under several bases.
   * @param bases - a delivery may have others than a guard
   */
  resolveTarget(
    target: string,
    bases: readonly Base[] = this.#guardBases,
  ): readonly (ResolvedImage | ResolveFailure)[] {
    if (!this.canVerify) return [];
    return bases.flatMap((base) => this.#matchSigned(this.#read(target, [base])) ?? []);
  }

  /**
   * Whether the URL may carry a token. If not, the signed URL depends only on this text, the options and the step. The check
   * is cheap: it is true in cases of doubt, and arbitrary for a URL under no base.
   */
  mayCarryToken(text: string): boolean {
    const { isTokenParameter } = this.definition;
    if (isTokenParameter !== undefined)
      return mayHaveParameter(text, isTokenParameter) || this.mayHoldTokenInPath(text);
    const url = this.rename(text) ?? text;
    const bare = this.unsign(url);
    return bare !== undefined && bare !== url;
  }

  /** Whether a path segment may be a token, in a scheme whose tokens are otherwise in the query. */
  mayHoldTokenInPath(text: string): boolean {
    const { tokenSegment } = this.definition;
    return tokenSegment !== undefined && text.includes(`/${tokenSegment}`);
  }

  /** A URL of the scheme, allowed or not, without its token and under the scheme's own base; undefined for any other text. */
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

  /** What in its object's name keeps a URL under a base from being signed, if anything. */
  nameProblem(text: string): NameProblem | undefined {
    const { read, nameProblem } = this.definition;
    if (read !== undefined && nameProblem === undefined) return undefined; // saves a second reading
    const written = this.#readAny(text);
    if (typeof written === 'object') return this.definition.nameProblem?.(written.url, written.place);
    return written === 'unreadable' ? undefined : written;
  }

  /**
   * The URL of an image id, which is plain text, whether it may be signed or not; undefined for a text that a path cannot
   * contain, or for a store with variants.
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

  /** A URL that `URL` would spell differently is not the one that was signed. */
  #matchSigned(written: WrittenUrl | Unread | undefined): ResolvedImage | ResolveFailure | undefined {
    const isSpelledAsSigned = typeof written === 'object' && written.text === written.url + written.fragment;
    return typeof written === 'object' && !isSpelledAsSigned ? 'not-a-delivery-url' : this.#match(written);
  }

  /**
   * Whether an escaped letter hides a more specific base, such as `/%6Dembers` with a base `/members`: then the URL would be read as
   * an image of the outer base, and delivered as one of the inner base.
   */
  #hidesBase({ url, place: { base, path, query } }: WrittenUrl): boolean {
    const rest = url.slice(path, query);
    const [own, decoded] = [base.path + rest, base.path + percentDecode(rest)];
    return this.#allBases.some(({ authority = base.authority, path: other }) => {
      const isInner = authority === base.authority && other.length > base.path.length;
      return isInner && decoded.startsWith(`${percentDecode(other)}/`) && !own.startsWith(`${other}/`);
    });
  }

  #match(written: WrittenUrl | Unread | undefined): ResolvedImage | ResolveFailure | undefined {
    if (written === undefined) return undefined;
    const isHidden = typeof written !== 'string' && written.url.includes('%') && this.#hidesBase(written);
    if (typeof written === 'string' || isHidden) return 'not-a-delivery-url';
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

/** Sorts a list whose order has no effect: two processes whose options differ only in it must send the same entity tags. */
function inOneOrder(list: readonly object[]): readonly string[] {
  return list.map((each) => JSON.stringify(each)).toSorted();
}
