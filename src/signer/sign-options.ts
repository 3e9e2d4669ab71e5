/** Checks the arguments of a call of a signer or a helper, except the image. */

import type {
  HelperOptions,
  RewriteHtmlOptions,
  SignDataOptions,
  SignOptions,
} from '../options/call-options.ts';
import type { Configuration } from '../options/configuration.ts';
import type { ExtraTargets } from '../rewriting/options.ts';
import type { Variant } from '../schemes/resolved-image.ts';
import { type EpochSeconds, epochSeconds } from '../signing/expiry.ts';
import { millisecondsHint, parseDuration } from '../text/duration.ts';
import { nearestName } from '../text/nearest-name.ts';
import {
  asDate,
  asNumber,
  describe,
  invalidOption,
  printableName,
  type Shown,
} from '../validation/message.ts';

/** For error messages. */
export type CallName = 'signImage' | 'signSrcset';

/** How the URLs in data are signed. */
export interface DataTerms {
  /** In seconds; undefined for the variants' own. */
  readonly ttl: number | undefined;
  /** False if the app has decided that this viewer may see the images. */
  readonly asksAuthorize: boolean;
}

/** How long a URL is valid, in seconds, or until when. */
export type Validity = { readonly ttl: number } | { readonly expiresAt: EpochSeconds };

const asExpiry: Shown = (text) => asDate(text) ?? asNumber(text);

/** `exp` has at most eleven digits. */
const lastExpiry = 99_999_999_999;

/**
 * The caller: a helper of a response, whose viewer `authorize` decides about, or a signer's method, which knows no viewer.
 */
export type Caller = 'helper' | 'signer';

/** The options of one call. */
export interface SignCall {
  /** Undefined if the options of the signer apply. */
  readonly validity: Validity | undefined;
  /** False if the app has decided that this viewer may see the image. */
  readonly asksAuthorize: boolean;
}

/** The arguments of `signImage` besides the image. */
export interface SignImageCall extends SignCall {
  /** Not checked yet. */
  readonly variant: string | undefined;
}

/** If no scheme has variants, the options may be the second argument. */
export function readSignImage(
  variant: unknown,
  options: unknown,
  { variants }: Pick<Configuration, 'variants'>,
  caller: Caller,
): SignImageCall {
  const isShort = options === undefined && typeof variant === 'object' && variant !== null;
  if (isShort && variants.size === 0)
    return { variant: undefined, ...readSignOptions(variant, 'signImage', caller) };
  const name = variant as string | undefined; // checked where it is used
  if (options === undefined) return { variant: name, validity: undefined, asksAuthorize: true };
  return { variant: name, ...readSignOptions(options, 'signImage', caller) };
}

const noOptions: SignCall = { validity: undefined, asksAuthorize: true };

export function readSignOptions(options: unknown, call: CallName, caller: Caller): SignCall {
  if (options === undefined) return noOptions;
  checkIsObject(options, '{ ttl } or { expiresAt }', "the signer's ttl");
  const names = caller === 'helper' ? helperNames : signerNames;
  const unknown = unknownIn(options, names);
  if (unknown === 'authorize') {
    throw invalidOption(
      'authorize',
      `is not an option of a signer's ${call}, which never asks authorize. Remove it.`,
    );
  }
  if (unknown !== undefined) throw notAnOption(unknown, call, names);
  return { validity: readValidity(options), asksAuthorize: readAuthorize(options) };
}

const dataHelperNames: readonly string[] = ['fields', 'ttl', 'authorize'];
const dataSignerNames: readonly string[] = [...dataHelperNames, 'request'];

/**
 * Reads the options of `signData`. `fields` and `request` are not checked here.
 * @throws ImageSignerError INVALID_OPTION
 */
export function readDataOptions(options: unknown, caller: Caller): DataTerms & SignDataOptions {
  const names = caller === 'helper' ? dataHelperNames : dataSignerNames;
  checkIsObject(options, `{ ${names.join(', ')} }`, 'the defaults');
  const unknown = unknownIn(options, names);
  if (unknown === 'request')
    throw notAnOption(unknown, 'the helper signData, which knows the request', names);
  if (unknown !== undefined) throw notAnOption(unknown, 'signData', names);
  const { fields, request, ttl }: SignDataOptions = options;
  return {
    fields,
    request,
    ttl: ttl === undefined ? undefined : readTtl(ttl),
    asksAuthorize: readAuthorize(options),
  };
}

const rewriteNames: readonly string[] = [
  'ttl',
  'request',
  'attributes',
  'scripts',
  'fields',
  'customProperties',
];

/** The options of `rewriteHtml` and `htmlRewriter`. Only `ttl` is checked here. */
export interface RewriteCall {
  /** In seconds; undefined for the variants' own. */
  readonly ttl: number | undefined;
  readonly request: unknown;
  /** Among others. */
  readonly targets: Partial<Record<keyof ExtraTargets, unknown>>;
}

/** @throws ImageSignerError INVALID_OPTION */
export function readRewriteOptions(options: RewriteHtmlOptions = {}): RewriteCall {
  checkIsObject(options, `{ ${rewriteNames.join(', ')} }`, 'the defaults');
  const unknown = unknownIn(options, rewriteNames);
  if (unknown !== undefined) throw notAnOption(unknown, 'rewriteHtml', rewriteNames);
  const { ttl, request } = options;
  return { ttl: ttl === undefined ? undefined : readTtl(ttl), request, targets: options };
}

const signerNames: readonly string[] = ['ttl', 'expiresAt'];
const helperNames: readonly string[] = [...signerNames, 'authorize'];

function checkIsObject(options: unknown, what: string, instead: string): asserts options is object {
  if (typeof options === 'object' && options !== null) return;
  throw invalidOption(
    'options',
    `expected ${what}, got ${describe(options, asNumber)}. Leave it out for ${instead}.`,
  );
}

function unknownIn(options: object, names: readonly string[]): string | undefined {
  return Object.keys(options).find((name) => !names.includes(name));
}

function notAnOption(name: string, call: string, names: readonly string[]): Error {
  const near = nearestName(name, names);
  const hint = near === undefined ? `The options are ${names.join(', ')}.` : `Did you mean \`${near}\`?`;
  return invalidOption(printableName(name), `is not an option of ${call}. ${hint}`);
}

/** Reads only the call's own option: a polluted `Object.prototype` must not decide. */
function readAuthorize(options: Pick<HelperOptions, 'authorize'>): boolean {
  const asks: unknown = Object.hasOwn(options, 'authorize') ? options.authorize : undefined;
  if (asks === undefined || typeof asks === 'boolean') return asks !== false;
  throw invalidOption(
    'authorize',
    `expected false, if the app has decided that this viewer may see the image, got ${describe(asks)}. Remove it to ask authorize.`,
  );
}

function readValidity({ ttl, expiresAt }: SignOptions): Validity | undefined {
  if (ttl !== undefined && expiresAt !== undefined) {
    throw invalidOption('expiresAt', 'expected ttl or expiresAt, got both. Pass only one of them.');
  }
  if (ttl !== undefined) return { ttl: readTtl(ttl) };
  return expiresAt === undefined ? undefined : { expiresAt: readExpiry(expiresAt) };
}

/** @returns seconds */
export function readTtl(ttl: unknown): number {
  const seconds = parseDuration(ttl);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw invalidOption(
    'ttl',
    `expected seconds as a whole number above 0, or '90s', '15m', '6h', '1d', at most '366d', got ${describe(ttl, asNumber)}. ${millisecondsHint(ttl)}A day is '1d', or 86400.`,
  );
}

function readExpiry(expiresAt: unknown): EpochSeconds {
  const seconds = expiresAt instanceof Date ? epochSeconds(expiresAt.getTime()) : expiresAt;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= lastExpiry) {
    return seconds as EpochSeconds;
  }
  const hint =
    typeof seconds === 'number' && seconds > lastExpiry
      ? 'This looks like milliseconds: pass a Date, or divide by 1000 and round down.'
      : 'Pass a Date, or whole seconds since 1970.';
  throw invalidOption(
    'expiresAt',
    `expected a Date or whole Unix seconds, got ${expiresAt instanceof Date ? 'a Date out of range' : describe(expiresAt, asExpiry)}. ${hint}`,
  );
}

/** @returns `[variant, descriptor]` pairs. The variants are not checked against the allowlist yet. */
export function readCandidates(
  candidates: unknown,
  variants: () => ReadonlyMap<string, Variant>,
): [string, string][] {
  if (candidates === undefined) {
    return [...variants().values()]
      .filter(({ width, alwaysPublic }) => width !== undefined && !alwaysPublic)
      .sort((a, b) => a.width! - b.width!) // the filter leaves variants with a width
      .map(({ name, width }) => [name, `${width}w`]);
  }
  const pairs = typeof candidates === 'object' && candidates !== null ? Object.entries(candidates) : [];
  if (pairs.length === 0 || Array.isArray(candidates)) {
    throw invalidOption(
      'candidates',
      `expected a map of variants to descriptors, got ${describe(candidates)}. For example, { thumb: '320w', card: '640w' }.`,
    );
  }
  const units = pairs.map(([name, descriptor]) => {
    const unit = unitOf(descriptor);
    if (unit !== undefined) return unit;
    throw invalidOption(
      `candidates.${printableName(name)}`,
      `expected a width such as '320w' or a density such as '2x', got ${describe(descriptor, asNumber)}. Pass a string with a number above 0.`,
    );
  });
  if (new Set(units).size > 1) {
    throw invalidOption(
      'candidates',
      'expected all widths or all densities, got both. A browser drops a srcset that mixes them.',
    );
  }
  return pairs;
}

function unitOf(descriptor: unknown): string | undefined {
  if (typeof descriptor !== 'string' || !/^(?:[1-9]\d{0,9}w|\d{1,9}(?:\.\d{1,9})?x)$/.test(descriptor))
    return undefined;
  return Number.parseFloat(descriptor) > 0 ? descriptor.at(-1) : undefined;
}
