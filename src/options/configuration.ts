/** What users write -> a complete, frozen configuration. It knows no requests, and keeps none of the options as given. */
import { swallowRejection } from '../rejection.ts';
import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import type { ExtraTargets } from '../rewriting/options.ts';
import { BoundScheme, generationOf } from '../schemes/bound.ts';
import type { Definition, FetchedSecret, SchemeImage } from '../schemes/definition.ts';
import { checkFrom } from '../schemes/from.ts';
import type { Times, Variant } from '../schemes/resolved-image.ts';
import type { ExpiryTerms } from '../signing/expiry.ts';
import { asDate, asName, describe, invalidOption } from '../validation/message.ts';
import { type Report, reportEvent, resolveReport } from './default-report.ts';
import type { GuardOptions, MiddlewareOptionsFor } from './factory-options.ts';
import type { Authorize, CommonOptions } from './signer-options.ts';
import type { ParsedRewrite } from './values.ts';
import { storesOf } from './warnings.ts';

/** In milliseconds: how far a clock may go back. */
const aDay = 86_400_000;

export interface Configuration {
  /** The first that signs a URL or an id has it. */
  readonly schemes: readonly BoundScheme[];
  /** Of all schemes; of a name the one that is always public, or the first. A map, so that `constructor` is no variant unless it is on the list. */
  readonly variants: ReadonlyMap<string, Variant>;
  readonly prefilter: LiteralPrefilter;
  /** In seconds; undefined: a quarter of the ttl in force. */
  readonly stableFor: number | undefined;
  /** Of all images that are signed, each of which has a new token as soon as its step ends. */
  readonly lifetimes: readonly ExpiryTerms[];
  /** The shortest ttl of them, in seconds. */
  readonly shortestTtl: number;
  readonly access: AccessRules;
  /** In bytes: how much each of the caches may take. */
  readonly memory: CacheMemory;
  readonly now: () => number;
  /** In milliseconds: a clock that shows an earlier time was set back, and is not believed. */
  readonly earliestNow: number;
  /** Tells two configurations apart, without what is a function; holds no key. It changes with the secrets. */
  readonly fingerprint: string;
}

export interface CacheMemory {
  /** Signed URLs. */
  readonly urls: number;
  /** Attribute values of pages. */
  readonly values: number;
  /** A middleware's cache of whole pages. */
  readonly pages: number;
}

/** Who may see what, and who gets the events. */
export interface AccessRules {
  readonly authorize: Authorize<unknown, SchemeImage>['authorize'];
  readonly deniedVariant: string | undefined;
  /** Undefined if nobody gets the events. */
  readonly report: Report | undefined;
}

export interface MiddlewareConfiguration extends ParsedRewrite {
  readonly skip: MiddlewareOptionsFor<unknown[]>['skip'];
  readonly extraTargets: ExtraTargets;
}

export interface GuardConfiguration {
  readonly isReportOnly: boolean;
  readonly sharedCache: boolean;
  readonly isPublic: GuardOptions<SchemeImage>['isPublic'];
}

export interface EndpointConfiguration {
  /** Without a slash at its end; undefined: the framework takes the mount's path off. */
  readonly path: string | undefined;
  /** Undefined: no CORS. */
  readonly origins: ReadonlySet<string> | undefined;
}

/** The options of `AccessRules` as they are given. */
export interface AccessInput {
  readonly authorize?: AccessRules['authorize'];
  readonly deniedVariant?: AccessRules['deniedVariant'];
  readonly report?: CommonOptions['report'];
}

/** What the schemas make of the options that do not depend on the scheme. */
export interface ParsedOptions extends AccessInput {
  readonly ttl: number;
  readonly stableFor?: number | undefined;
  /** In bytes. */
  readonly memory: number;
  readonly now: () => number;
}

export function toConfiguration(given: ParsedOptions, definitions: readonly Definition[]): Configuration {
  const startedAt = readFirst(given.now);
  if (given.stableFor !== undefined && given.stableFor > given.ttl) {
    throw invalidOption(
      'stableFor',
      `expected at most the ttl, which is ${given.ttl} seconds, got ${given.stableFor}. A URL stays the same for a part of its life: leave it out for a quarter.`,
    );
  }
  const report = resolveReport(given.report, storesOf(definitions));
  const schemes = bindSchemes(definitions, given, report);
  const all = schemes.toReversed().flatMap((scheme) => [...scheme.variants]);
  const variants = new Map([...all, ...all.filter(([, { alwaysPublic }]) => alwaysPublic)]);
  checkDeniedVariant(given.deniedVariant, variants);
  // In one order: their expiries are part of entity tags.
  const terms = schemes.flatMap((scheme) => scheme.lifetimes);
  const lifetimes = terms.toSorted((a, b) => a.ttl - b.ttl || a.step - b.step);
  const bases = schemes.flatMap(({ namedBases }) => namedBases);
  const literals = bases.map(({ authority, path }) => literalOf(authority, path));
  const fingerprint = fingerprintOf(schemes);
  return Object.freeze({
    schemes,
    variants,
    prefilter: new LiteralPrefilter(literals),
    stableFor: given.stableFor,
    lifetimes,
    shortestTtl: lifetimes.length === 0 ? given.ttl : Math.min(...lifetimes.map(({ ttl }) => ttl)),
    access: { authorize: given.authorize, deniedVariant: given.deniedVariant, report },
    memory: shareMemory(given.memory, schemes),
    now: given.now,
    earliestNow: Math.min(startedAt, processStart()) - aDay,
    get fingerprint() {
      return fingerprint();
    },
  });
}

/**
 * A site has about as many URLs as values, but the values hold several, with the text around them. Where a signature takes
 * as long as a hundred values, and makes a URL of 500 bytes, the URLs get the larger part.
 */
function shareMemory(bytes: number, schemes: readonly BoundScheme[]): CacheMemory {
  const [large, small] = [bytes / 2, bytes / 8];
  const isSlow = schemes.some(({ maxSignatures }) => maxSignatures !== undefined);
  return { urls: isSlow ? large : small, values: isSlow ? small : large, pages: bytes - large - small };
}

/** Cached: it takes a MAC, and each response needs it where the middleware is installed twice. */
function fingerprintOf(schemes: readonly BoundScheme[]): () => string {
  let generation = -1;
  let fingerprint = '';
  return () => {
    const current = generationOf(schemes);
    if (current !== generation) {
      fingerprint = JSON.stringify(schemes.map((scheme) => scheme.fingerprint));
      generation = current;
    }
    return fingerprint;
  };
}

/**
 * In milliseconds since 1970. Workers say 0, as their clock does until the first request: there a clock is believed
 * whatever it says.
 */
function processStart(): number {
  const { performance } = globalThis as { readonly performance?: { readonly timeOrigin?: number } };
  return performance?.timeOrigin ?? 0;
}

/** What the clock says as the signer is made. A clock that is in the past by then is meant to be, as in a test. */
function readFirst(now: () => unknown): number {
  let got: string;
  try {
    const time = now();
    if (Number.isFinite(time)) return time as number;
    swallowRejection(time);
    got = `that says ${describe(time, asDate)}`;
  } catch {
    got = 'that throws';
  }
  throw invalidOption(
    'now',
    `expected a clock of milliseconds, got one ${got}. Such as Date.now, or () => Date.now().`,
  );
}

/** Always public, since it goes to viewers who may not see the image itself. */
export function checkDeniedVariant(name: string | undefined, variants: Configuration['variants']): void {
  if (name === undefined || variants.get(name)?.alwaysPublic === true) return;
  const none = 'expected to be left out, since the images have no variants.';
  if (variants.size === 0) throw invalidOption('deniedVariant', none);
  // A name that is not on the list is not shown: it might be a key.
  const got = variants.has(name) ? `${describe(name, asName)}, which is not` : 'one that is not on the list';
  throw invalidOption(
    'deniedVariant',
    `expected an always public variant, got ${got}. Such as variants: { preview: { alwaysPublic: true } }.`,
  );
}

/** The options of a signer that limit its schemes. */
interface SignerTerms extends Times {
  /** Undefined if every viewer may see every image. */
  readonly authorize?: unknown;
}

/**
 * Binds the schemes to the times of the signer's tokens, and checks what no scheme can check alone.
 * @throws ImageSignerError INVALID_OPTION
 */
function bindSchemes(
  definitions: readonly Definition[],
  given: SignerTerms,
  report: Report | undefined,
): readonly BoundScheme[] {
  checkFrom(definitions);
  const schemes = definitions.map((definition) => {
    checkAccess(definition, given.authorize !== undefined);
    const scheme = new BoundScheme(definition, given);
    checkLife(scheme);
    return scheme;
  });
  for (const { secret } of schemes) if (secret !== undefined) reportFailures(secret, report);
  return schemes;
}

function reportFailures(secret: FetchedSecret, report: Report | undefined): void {
  secret.listen((error) =>
    reportEvent(report, { type: 'key-unavailable', error, hasKey: secret.endsAt > 0 }),
  );
}

/** Anybody can write a URL into a comment: without a limit it would open any object of the store. */
function checkAccess({ name, isLimited, opensMore }: Definition, isAuthorized: boolean): void {
  if (!isLimited && !isAuthorized) {
    const folder = name === 'imgproxy' ? 'https://photos.example/uploads/' : 'uploads/';
    throw invalidOption(
      'authorize',
      `expected a function, or prefixes in ${name}, got neither. Every URL in a page would be signed, and anybody can write one. \`prefixes\` limits them to folders, such as ['${folder}'].`,
    );
  }
  if (opensMore !== undefined && isAuthorized)
    throw invalidOption(
      'authorize',
      `expected to be left out, since ${opensMore}. Or make the scheme without \`policy\`.`,
    );
}

function checkLife({ name, longestLife, lifetimes }: BoundScheme): void {
  const lifetime = lifetimes.find(({ ttl, step }) => ttl + step > longestLife);
  if (lifetime === undefined) return;
  throw invalidOption(
    'ttl',
    `expected at most ${longestLife} seconds together with stableFor, which is all that ${name} allows, got ${lifetime.ttl} and ${lifetime.step}. Make the ttl shorter; stableFor is a quarter of it unless it is set.`,
  );
}
