/** What the options of Cloudflare Images mean together, with the times in force for each variant. */
import { stepOf } from '../../signing/expiry.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { asBase, describe, invalidOption } from '../../validation/message.ts';
import type { Times, UrlPolicy } from '../bound.ts';
import type { DeliveryBase } from './delivery-url.ts';
import { type KeyFunction, type KeyInput, keysOf } from './key.ts';
import type { ParsedVariant } from './variants.ts';

/** A variant with the times in force for it, in seconds. */
export interface Variant extends UrlPolicy {
  readonly name: string;
  readonly width: number | undefined;
}

export interface CloudflareConfiguration {
  readonly keys: SigningKeys;
  /** The option `key`, if it is a function. */
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
}

/** What the schemas make of the options. */
export interface CloudflareInput {
  readonly key: KeyInput;
  /** In seconds. */
  readonly keyRefresh?: number | undefined;
  readonly variants: readonly ParsedVariant[];
  readonly accountHash?: readonly string[] | undefined;
  readonly delivery: readonly DeliveryBase[];
}

/** @throws ImageSignerError INVALID_OPTION for options that contradict each other */
export function configureCloudflare(given: CloudflareInput, times: Times): CloudflareConfiguration {
  const variants = new Map<string, Variant>();
  for (const { name, ttl = times.ttl, alwaysPublic, width } of given.variants) {
    variants.set(name, { name, ttl, step: stepOf(ttl, times.stableFor), alwaysPublic, width });
  }
  const accounts = given.accountHash === undefined ? undefined : new Set(given.accountHash);
  checkAccounts(given.delivery, accounts);
  const servingBase = given.delivery[0]!; // the schema takes no empty list
  return {
    keys: keysOf(given.key, given.keyRefresh),
    keyFunction: typeof given.key === 'function' ? given.key : undefined,
    variants,
    accounts,
    servingAccount: servingBase.accountHash ?? given.accountHash?.[0],
    bases: given.delivery.toSorted((a, b) => b.path.length - a.path.length),
    servingBase,
  };
}

function checkAccounts(bases: readonly DeliveryBase[], accounts: ReadonlySet<string> | undefined): void {
  const stray = bases.find(
    ({ accountHash }) => accountHash !== undefined && accounts?.has(accountHash) === false,
  );
  if (stray !== undefined) {
    throw invalidOption(
      'delivery',
      `expected an account of accountHash for ${describe(stray.text, asBase)}, got another one. Its images would all be left alone: add the account to accountHash.`,
    );
  }
  const doubled = bases.find(({ path }) => accounts?.has(path.slice(path.lastIndexOf('/') + 1)) === true);
  if (doubled !== undefined) {
    throw invalidOption(
      'delivery',
      `expected a base without the account hash, got ${describe(doubled.text, asBase)}. The hash follows the base: take it off.`,
    );
  }
}
