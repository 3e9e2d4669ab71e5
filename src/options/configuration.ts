/** Turns a user's options into a complete, frozen configuration. It knows no requests, and keeps no option as given. */
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

/** How far a clock may go back, in milliseconds. */
const aDay = 86_400_000;

export interface Configuration {
  /** The first that accepts a URL or an id signs it. */
  readonly schemes: readonly BoundScheme[];
  /** Of all schemes. If two share a name, the always public one wins, else the first. A map: `constructor` isn't a variant. */
  readonly variants: ReadonlyMap<string, Variant>;
  readonly prefilter: LiteralPrefilter;
  /** In seconds; undefined for a quarter of the ttl in force. */
  readonly stableFor: number | undefined;
  /** Of all images that are signed: an image gets a new token when its step ends. */
  readonly lifetimes: readonly ExpiryTerms[];
  /** The shortest ttl of them, in seconds. */
  readonly shortestTtl: number;
  readonly access: AccessRules;
  /** The limits of the caches, in bytes. */
  readonly memory: CacheMemory;
  readonly now: () => number;
  /** In milliseconds. A clock with an earlier time was set back, and is not trusted. */
  readonly earliestNow: number;
  /** Tells two configurations apart, except by their functions. It contains no key, but changes with the secrets. */
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
  /** Undefined if nobody listens. */
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
  /** Without a trailing slash; undefined if the framework removes the mount path. */
  readonly path: string | undefined;
  /** Undefined for no CORS. */
  readonly origins: ReadonlySet<string> | undefined;
}

/** The options behind `AccessRules`, as given. */
export interface AccessInput {
  readonly authorize?: AccessRules['authorize'];
  readonly deniedVariant?: AccessRules['deniedVariant'];
  readonly report?: CommonOptions['report'];
}

/** The options that do not depend on the scheme, as the schemas return them. */
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
      `expected at most the ttl, which is ${given.ttl} seconds, got ${given.stableFor}. A URL can stay the same only while it is valid. Leave it out for a quarter of the ttl.`,
    );
  }
  const report = resolveReport(given.report, storesOf(definitions));
  const schemes = bindSchemes(definitions, given, report);
  const all = schemes.toReversed().flatMap((scheme) => [...scheme.variants]);
  const variants = new Map([...all, ...all.filter(([, { alwaysPublic }]) => alwaysPublic)]);
  checkDeniedVariant(given.deniedVariant, variants);
  // Sorted, since their expiries are part of entity tags.
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
 * A site has about as many URLs as attribute values, but a value may hold several URLs and text, so values get the larger part.
 * With slow signatures, which take as long as a hundred values and make URLs of 500 bytes, the URLs get it.
 */
function shareMemory(bytes: number, schemes: readonly BoundScheme[]): CacheMemory {
  const [large, small] = [bytes / 2, bytes / 8];
  const isSlow = schemes.some(({ maxSignatures }) => maxSignatures !== undefined);
  return { urls: isSlow ? large : small, values: isSlow ? small : large, pages: bytes - large - small };
}

/** Cached: it takes a MAC, and every response needs it if the middleware is installed twice. */
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
 * In milliseconds since 1970. Workers return 0, as their clock does until the first request, so any time is trusted there.
 */
function processStart(): number {
  const { performance } = globalThis as { readonly performance?: { readonly timeOrigin?: number } };
  return performance?.timeOrigin ?? 0;
}

/** The time when the signer is created. A clock that is already in the past is intended, as in a test. */
function readFirst(now: () => unknown): number {
  let got: string;
  try {
    const time = now();
    if (Number.isFinite(time)) return time as number;
    swallowRejection(time);
    got = `that returns ${describe(time, asDate)}`;
  } catch {
    got = 'that throws';
  }
  throw invalidOption(
    'now',
    `expected a clock of milliseconds, got one ${got}. Pass Date.now, or leave it out.`,
  );
}

/** It must be always public, since viewers get it who may not see the image itself. */
export function checkDeniedVariant(name: string | undefined, variants: Configuration['variants']): void {
  if (name === undefined || variants.get(name)?.alwaysPublic === true) return;
  const none = 'expected not to be set. The images have no variants: remove it.';
  if (variants.size === 0) throw invalidOption('deniedVariant', none);
  // An unknown name is not shown: it might be a key.
  const got = variants.has(name) ? `${describe(name, asName)}, which is not` : 'one that is not on the list';
  throw invalidOption(
    'deniedVariant',
    `expected an always public variant, got ${got}. For example, variants: { preview: { alwaysPublic: true } }.`,
  );
}

/** The options of a signer that limit its schemes. */
interface SignerTerms extends Times {
  /** Undefined if every viewer may see every image. */
  readonly authorize?: unknown;
}

/**
 * Binds the schemes to the lifetimes of the signer's tokens, and checks what no scheme can check alone.
 * @throws ImageSignerError INVALID_OPTION
 */
function bindSchemes(
  definitions: readonly Definition[],
  given: SignerTerms,
  report: Report | undefined,
): readonly BoundScheme[] {
  checkFrom(definitions);
  const bases = definitions.flatMap((definition) => definition.bases);
  const schemes = definitions.map((definition) => {
    checkAccess(definition, given.authorize !== undefined);
    const scheme = new BoundScheme(definition, given, bases);
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

/** Anybody can write a URL into a comment. Without a limit, it would open any object of the store. */
function checkAccess({ name, isLimited, opensMore }: Definition, isAuthorized: boolean): void {
  if (!isLimited && !isAuthorized) {
    const folder = name === 'imgproxy' ? 'https://photos.example/uploads/' : 'uploads/';
    throw invalidOption(
      'authorize',
      `expected a function, or prefixes in ${name}, got neither. Every URL in a page would be signed, and anybody can write one. Limit them to folders, with prefixes: ['${folder}'], or decide with authorize.`,
    );
  }
  if (opensMore !== undefined && isAuthorized)
    throw invalidOption(
      'authorize',
      `expected not to be set, since ${opensMore}. Remove it, or create the scheme without \`policy\`.`,
    );
}

function checkLife({ name, longestLife, lifetimes }: BoundScheme): void {
  const lifetime = lifetimes.find(({ ttl, step }) => ttl + step > longestLife);
  if (lifetime === undefined) return;
  throw invalidOption(
    'ttl',
    `expected at most ${longestLife} seconds together with stableFor, the limit of ${name}, got ${lifetime.ttl} and ${lifetime.step}. Make the ttl shorter; stableFor is a quarter of it by default.`,
  );
}
