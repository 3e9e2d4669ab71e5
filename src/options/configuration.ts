/** What users write -> a complete, frozen configuration. It knows no requests, and keeps none of the options as given. */
import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import type { ExtraTargets } from '../rewriting/targets.ts';
import { stepOf } from '../signing/expiry.ts';
import type { SigningKeys } from '../signing/keys.ts';
import type { DeliveryBase } from '../url/delivery.ts';
import { asBase, asDate, asName, describe, invalidOption } from '../validation/message.ts';
import { type Report, resolveReport } from './default-report.ts';
import { type KeyFunction, type KeyInput, keysOf } from './keys.ts';
import type { MiddlewareOptionsFor, SignerOptionsFor } from './types.ts';
import type { ParsedRewrite } from './values.ts';
import type { ParsedVariant } from './variants.ts';

/** In milliseconds: how far a clock may go back. */
const aDay = 86_400_000;

/** A variant with the times in force for it, in seconds. */
export interface Variant {
  readonly name: string;
  readonly ttl: number;
  readonly step: number;
  readonly alwaysPublic: boolean;
  readonly width: number | undefined;
}

export interface Configuration {
  readonly keys: SigningKeys;
  /** The option `key`, if it is a function: the fingerprint knows nothing of its keys. */
  readonly keyFunction: KeyFunction | undefined;
  /** A map, so that `constructor` is no variant unless it is on the list. */
  readonly variants: ReadonlyMap<string, Variant>;
  /** Undefined: any account. */
  readonly accounts: ReadonlySet<string> | undefined;
  /** The account that serves ids. */
  readonly servingAccount: string | undefined;
  /** Those with the longest path first. */
  readonly bases: readonly DeliveryBase[];
  /** The base that serves ids. */
  readonly servingBase: DeliveryBase;
  readonly prefilter: LiteralPrefilter;
  /** In seconds; undefined: a quarter of the ttl in force. */
  readonly stableFor: number | undefined;
  /** The shortest ttl of a variant that is signed, in seconds. */
  readonly shortestTtl: number;
  readonly access: AccessPolicy;
  readonly now: () => number;
  /** In milliseconds: a clock that says less has gone back, and is not believed. */
  readonly earliestNow: number;
  /** Tells two configurations apart, without what is a function; holds no key. */
  readonly fingerprint: string;
}

/** Who may see what, and who hears of it. */
export interface AccessPolicy {
  readonly authorize: SignerOptionsFor<unknown>['authorize'];
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
}

export interface EndpointConfiguration {
  /** Without a slash at its end; undefined: the framework takes the mount's path off. */
  readonly path: string | undefined;
  /** Undefined: no CORS. */
  readonly origins: ReadonlySet<string> | undefined;
}

/** The options of `AccessPolicy` as they are given. */
export interface AccessInput {
  readonly authorize?: AccessPolicy['authorize'];
  readonly deniedVariant?: AccessPolicy['deniedVariant'];
  readonly report?: SignerOptionsFor<unknown>['report'];
}

/** What the schemas make of a signer's options. */
export interface SignerInput extends AccessInput {
  readonly key: KeyInput;
  readonly keyRefresh?: number | undefined;
  readonly ttl: number;
  readonly variants: readonly ParsedVariant[];
  readonly accountHash?: readonly string[] | undefined;
  readonly delivery: readonly DeliveryBase[];
  readonly stableFor?: number | undefined;
  readonly now: () => number;
}

export function toConfiguration(given: SignerInput): Configuration {
  const startedAt = readFirst(given.now);
  if (given.stableFor !== undefined && given.stableFor > given.ttl) {
    throw invalidOption(
      'stableFor',
      `expected at most the ttl, which is ${given.ttl} seconds, got ${given.stableFor}. A URL stays the same for a part of its life: leave it out for a quarter.`,
    );
  }
  const variants = new Map<string, Variant>();
  for (const { name, ttl = given.ttl, alwaysPublic, width } of given.variants) {
    variants.set(name, { name, ttl, step: stepOf(ttl, given.stableFor), alwaysPublic, width });
  }
  checkDeniedVariant(given.deniedVariant, variants);
  const accounts = given.accountHash === undefined ? undefined : new Set(given.accountHash);
  const stray = given.delivery.find(
    ({ accountHash }) => accountHash !== undefined && accounts?.has(accountHash) === false,
  );
  if (stray !== undefined) {
    throw invalidOption(
      'delivery',
      `expected an account of accountHash for ${describe(stray.text, asBase)}, got another one. Its images would all be left alone: add the account to accountHash.`,
    );
  }
  const doubled = given.delivery.find(
    ({ path }) => accounts?.has(path.slice(path.lastIndexOf('/') + 1)) === true,
  );
  if (doubled !== undefined) {
    throw invalidOption(
      'delivery',
      `expected a base without the account hash, got ${describe(doubled.text, asBase)}. The hash follows the base: take it off.`,
    );
  }
  const servingBase = given.delivery[0]!; // the schema takes no empty list
  const signed = [...variants.values()].filter(({ alwaysPublic }) => !alwaysPublic);
  const report = resolveReport(given.report);
  const keys = keysOf(given.key, given.keyRefresh, report);
  return Object.freeze({
    keys,
    keyFunction: typeof given.key === 'function' ? given.key : undefined,
    variants,
    accounts,
    servingAccount: servingBase.accountHash ?? given.accountHash?.[0],
    bases: given.delivery.toSorted((a, b) => b.path.length - a.path.length),
    servingBase,
    prefilter: new LiteralPrefilter(given.delivery.map(({ authority, path }) => literalOf(authority, path))),
    stableFor: given.stableFor,
    shortestTtl: signed.length === 0 ? given.ttl : Math.min(...signed.map(({ ttl }) => ttl)),
    access: {
      authorize: given.authorize,
      deniedVariant: given.deniedVariant,
      report,
    },
    now: given.now,
    earliestNow: Math.min(startedAt, processStart()) - aDay,
    fingerprint: JSON.stringify([
      keys.fetched === undefined ? keys.shortMac('key') : null,
      [...variants.values()],
      given.accountHash ?? null,
      given.delivery,
      given.stableFor ?? null,
    ]),
  });
}

/**
 * In milliseconds since 1970. Workers say 0, as their clock does until the first request: there a clock is believed
 * whatever it says.
 */
function processStart(): number {
  const { performance } = globalThis as { readonly performance?: { readonly timeOrigin?: number } };
  return performance?.timeOrigin ?? 0;
}

/** What the clock says as the signer is made. One that stands in the past then, as in a test, is meant to. */
function readFirst(now: () => unknown): number {
  let got: string;
  try {
    const time = now();
    if (Number.isFinite(time)) return time as number;
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
export function checkDeniedVariant(name: string | undefined, variants: ReadonlyMap<string, Variant>): void {
  if (name === undefined || variants.get(name)?.alwaysPublic === true) return;
  // A name that is not on the list is not shown: it might be a key.
  const got = variants.has(name) ? `${describe(name, asName)}, which is not` : 'one that is not on the list';
  throw invalidOption(
    'deniedVariant',
    `expected an always public variant, got ${got}. Such as variants: { preview: { alwaysPublic: true } }.`,
  );
}
