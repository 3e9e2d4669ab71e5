/**
 * A scheme, bound to the times of a signer's tokens, and the URLs that it resolves. Everything above knows this, and no
 * single scheme.
 * Longer than most files: a URL and its scheme know each other.
 */
import { hashHex } from '../signing/digests.ts';
import { type EpochSeconds, type ExpiryTerms, stepOf } from '../signing/expiry.ts';
import type { Base, FromBase } from '../url/base.ts';
import { mayHaveParameter } from '../url/token-parameters.ts';
import { guarded, type SchemeFunctions } from './app-functions.ts';
import type {
  Definition,
  FetchedSecret,
  MatchedImage,
  TokenFailure,
  Unmatching,
  VariantRules,
} from './definition.ts';
import { renamedUrl } from './from.ts';
import type { NameProblem } from './object-name.ts';
import { mostSpecificFirst } from './token-places.ts';
import { unsignedParameters, withoutParameters } from './url-parts.ts';
import { type PathRules, type Unread, urlOfPath, type WrittenUrl, writeUrl } from './written-url.ts';

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

/** Why a URL under a base may not be signed. */
export type ResolveFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed';

export type VerifiedToken =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };

/** How long the tokens of an image live. */
export interface UrlLifetime extends ExpiryTerms {
  /** Its URLs carry no token. */
  readonly alwaysPublic: boolean;
}

/** A variant with the times in force for it, in seconds. */
export type Variant = Omit<VariantRules, 'ttl'> & UrlLifetime;

/** What a signer says of the times of its tokens, in seconds. */
export interface Times {
  readonly ttl: number;
  /** Undefined: a quarter of the ttl in force. */
  readonly stableFor?: number | undefined;
}

export class BoundScheme {
  readonly definition: Definition;
  readonly functions: SchemeFunctions;
  readonly name: string;
  /** The most specific first. */
  readonly bases: readonly Base[];
  /** Other bases under which the same images are stored, the most specific first. A verified URL is under none of them. */
  readonly from: readonly FromBase[];
  /** Whether `from` has a path of the site, and no folder says which of all that is below it are images. */
  readonly hasUnsurePaths: boolean;
  /** Empty for a store that has none. A map, so that `constructor` is no variant unless it is on the list. */
  readonly variants: ReadonlyMap<string, Variant>;
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

  constructor(definition: Definition, { ttl, stableFor }: Times) {
    this.definition = definition;
    this.functions = definition.isForeign === true ? guarded(definition) : definition;
    this.name = definition.name;
    this.secret = definition.secret;
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
    this.#stableFor = stableFor;
    this.#lifetime = { ttl, step: stepOf(ttl, stableFor), alwaysPublic: false };
    this.fixedLife = definition.hasFixedLife === true ? ttl + this.#lifetime.step : undefined;
    const variants = new Map<string, Variant>();
    for (const [name, rules] of definition.variants?.rules ?? []) {
      const own = rules.ttl ?? ttl;
      variants.set(name, { ...rules, ttl: own, step: stepOf(own, stableFor) });
    }
    this.variants = variants;
    this.lifetimes = this.hasVariants
      ? [...variants.values()].filter(({ alwaysPublic }) => !alwaysPublic)
      : [this.#lifetime];
  }

  get hasVariants(): boolean {
    return this.definition.variants !== undefined;
  }

  /** Whether it verifies tokens. */
  get canVerify(): boolean {
    return this.definition.verify !== undefined;
  }

  /** Whether a guard can stand before its images: it verifies tokens, and has a base that a request's target may have. */
  get canGuard(): boolean {
    return this.canVerify && this.#guardBases.length > 0;
  }

  /** The function that gives the secret, or what stands for it: two signers with the same one sign alike. */
  get secretSource(): unknown {
    return this.definition.secretSource ?? this.secret;
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
    const { name, bases, from, plainNames, fingerprint } = this.definition;
    const lifetimes = [this.#lifetime, this.#stableFor ?? null, [...this.variants.values()]];
    return JSON.stringify([name, bases, from, plainNames, lifetimes, fingerprint]);
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

  /** The URL that one under `from` stands for; undefined for any other. */
  rename(text: string): string | undefined {
    return this.from.length === 0 ? undefined : renamedUrl(text, this.from, this.firstBase);
  }

  /** Whether the URL may as well be one of a page or a program of the site: where no image stands, it is one. */
  isUnsure(text: string): boolean {
    return this.hasUnsurePaths && isOfSite(text) && this.rename(text) !== undefined;
  }

  /** The one that new URLs begin with. */
  get firstBase(): Base {
    return this.definition.bases[0]!; // there is at least one
  }

  /** All bases that a URL in a page may begin with. */
  get namedBases(): readonly Base[] {
    return this.from.length === 0 ? this.bases : [...this.bases, ...this.from];
  }

  /** The path of a site has more below it than images: what is none is nobody's mistake. */
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

  /** Resolves the target of a request to verify. It has no host, so it may be under several bases. */
  resolveTarget(target: string): readonly (ResolvedImage | ResolveFailure)[] {
    if (!this.canVerify) return [];
    return this.#guardBases.flatMap((base) => this.#matchSigned(this.#read(target, [base])) ?? []);
  }

  /** Whether a parameter of this name, decoded, belongs to a token; undefined if a token may stand elsewhere as well. */
  get isTokenParameter(): ((name: string) => boolean) | undefined {
    return this.definition.isTokenParameter;
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
    const bare = this.functions.strip(url, place);
    if (bare === url || queryInText !== undefined) return bare;
    // The `?` of a token that stood alone behind separators: read again the URL has none, and would be signed differently.
    return bare.indexOf('?') === bare.length - 1 ? bare.slice(0, -1) : bare;
  }

  /** Why a URL under a base is not signed, if that is for the name of its object. */
  nameProblem(text: string): NameProblem | undefined {
    const { read, nameProblem } = this.definition;
    if (read !== undefined && nameProblem === undefined) return undefined; // not read once more
    const written = this.#readAny(text);
    if (typeof written === 'object') return this.definition.nameProblem?.(written.url, written.place);
    return written === 'unreadable' ? undefined : written;
  }

  /** Finds out why a URL that looks like one of the store is not signed. */
  get unmatching(): Unmatching | undefined {
    return this.definition.unmatching;
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
      const removed = unsignedParameters(written.url, this.definition);
      const url = removed === undefined ? written.url : signablePart(written.url, removed);
      const found = this.functions.match(url, written.place);
      if (found === undefined) return 'not-a-delivery-url';
      if (typeof found === 'string') return found;
      const lifetime = this.hasVariants ? this.variants.get(found.variant!)! : this.#lifetime; // `match` knows them all
      return new ResolvedImage(this, lifetime, written, url, removed, found);
    } catch {
      return 'scheme-failed';
    }
  }
}

function isPath({ authority }: Base): boolean {
  return authority === undefined;
}

/** Whether a URL has no host. */
function isOfSite(url: string): boolean {
  return url.startsWith('/') && !url.startsWith('//');
}

/** A parameter that nobody has allowed would be signed with the site's secret, whatever it asks the store for. */
function signablePart(url: string, removed: readonly string[]): string {
  const kept = withoutParameters(url, (name) => removed.includes(name));
  const question = kept.indexOf('?');
  // What remains may be separators alone: a lone `?` would not be there when the URL is signed again.
  const isEmpty = question >= 0 && /^\?&*$/.test(kept.slice(question));
  return isEmpty ? kept.slice(0, question) : kept;
}

/** The URL as it goes out without a token. @param bare - what `strip` has made of it */
function asText({ text, url, fragment, place, queryInText }: WrittenUrl, bare: string): string {
  if (bare === url) return text;
  const isAsWritten = queryInText !== undefined;
  return (isAsWritten ? text.slice(0, queryInText) + bare.slice(place.query) : bare) + fragment;
}

/** The URL of an image that may be signed. */
export class ResolvedImage {
  readonly scheme: BoundScheme;
  readonly lifetime: UrlLifetime;
  // Not private: there is one object for each URL of a page, and V8 takes longer to set private fields up.
  readonly written: WrittenUrl;
  readonly found: MatchedImage;
  readonly withoutToken: string;
  /** The names of the parameters that it has, and loses when it is signed; undefined if there are none. */
  readonly unsignedParameters: readonly string[] | undefined;

  /**
   * @param written - the URL as it was found
   * @param url - the URL without the parameters that are not signed
   * @param found - what `match` has returned for it
   * @throws if the scheme fails
   */
  constructor(
    scheme: BoundScheme,
    lifetime: UrlLifetime,
    written: WrittenUrl,
    url: string,
    removed: readonly string[] | undefined,
    found: MatchedImage,
  ) {
    this.scheme = scheme;
    this.lifetime = lifetime;
    this.written = written;
    this.found = found;
    this.withoutToken = scheme.strip(url, written);
    this.unsignedParameters = removed;
  }

  /**
   * All URLs of this image and variant have this key: `authorize` is asked once for it. Where the path alone does not name
   * both, the name of the scheme and the whole URL do: a path begins with `/`.
   */
  get key(): string {
    return this.scheme.hasVariants ? this.path : `${this.scheme.name} ${this.withoutToken}`;
  }

  /** What follows the base in the URL that is signed, percent-encoded. */
  get path(): string {
    const { place } = this.written;
    const url = this.withoutToken;
    const question = url.indexOf('?');
    return (
      this.scheme.definition.signedPath?.(url, place) ??
      url.slice(place.path, question < 0 ? url.length : question)
    );
  }

  /** As it was found, but under the scheme's own base where it was found under one of `from`. */
  get text(): string {
    return this.written.text;
  }

  /** The URL without a token; the rest as written. */
  get bare(): string {
    const written = this.written;
    // What goes out without a token keeps its parameters.
    const bare =
      this.unsignedParameters === undefined ? this.withoutToken : this.scheme.strip(written.url, written);
    return asText(written, bare);
  }

  /** The URL without a token, as it would be signed. */
  get canonical(): string {
    return this.withoutToken + this.written.fragment;
  }

  /** Computed only if it is asked for. */
  image(): DeliveryImage {
    const { base } = this.written.place;
    const url = this.unsignedParameters === undefined ? this.bare : this.canonical;
    return { ...this.found, url, base: base.text } as unknown as DeliveryImage; // as the scheme's types say
  }

  /**
   * @param life - in seconds: how long before `exp` the token begins at most; the image's ttl and step by default
   * @throws if the scheme fails
   */
  sign(exp: EpochSeconds, { ttl, step }: ExpiryTerms = this.lifetime): string {
    const { place, fragment } = this.written;
    return this.scheme.functions.sign(this.withoutToken, { exp, ttl, step }, place) + fragment;
  }

  verify(now: EpochSeconds): VerifiedToken {
    const { url, place } = this.written;
    try {
      const result = this.scheme.functions.verify?.(url, now, place);
      // Whoever has made this token, it was not for what would be signed here.
      if (result?.ok === true && this.unsignedParameters === undefined) return { keyIndex: 0, ...result };
      if (result?.ok === false) return result;
    } catch {}
    return { ok: false, reason: 'bad-signature' };
  }

  /** The URL without a token in another variant; everything else stays as written. */
  inVariant(variant: string): string {
    return this.scheme.definition.variants?.replace(this.bare, variant) ?? this.bare;
  }
}

/** Changes whenever a secret does. */
export function generationOf(schemes: readonly BoundScheme[]): number {
  let sum = 0;
  for (const { generation } of schemes) sum += generation;
  return sum;
}
