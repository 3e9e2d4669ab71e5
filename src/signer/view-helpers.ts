/**
 * `signImage` and `signSrcset` for views. They throw for a mistake in a template, and return data that cannot be signed
 * (a Gravatar, `null`) unchanged, so that data never breaks a page. Arguments that the engine adds are read first.
 */
import type { ImageSignerError, ImageSignerErrorCode } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { parseDuration } from '../text/duration.ts';
import { asDate, asNumber, describe, invalidOption } from '../validation/message.ts';
import type { ResponseInProgress } from './core.ts';
import { nameProblemOfArgument } from './helper-arguments.ts';
import type { PageSigning } from './page-signing.ts';
import type { Hint } from './reporter.ts';
import { explainUnmatched } from './resolve.ts';

export interface ViewHelpers {
  signImage(image: unknown, variant?: unknown, options?: unknown): unknown;
  signSrcset(image: unknown, candidates?: unknown, options?: unknown): unknown;
}

interface Bound {
  readonly response: { begin(): ResponseInProgress | undefined };
  readonly configuration: Pick<Configuration, 'variants' | 'schemes' | 'shortestTtl'>;
}

/**
 * Bound functions, as in `request-helpers.ts`: every response gets them.
 * @param response - `begin` is called with the first call; it returns undefined if the clock cannot be trusted
 */
export function createViewHelpers(
  response: Bound['response'],
  configuration: Bound['configuration'],
): ViewHelpers {
  const bound: Bound = { response, configuration };
  return { signImage: signImage.bind(undefined, bound), signSrcset: signSrcset.bind(undefined, bound) };
}

function signImage(bound: Bound, ...all: readonly unknown[]): unknown {
  const given = readTemplateArguments(all);
  const { positional, named } = given;
  const [image, variant, options] = positional as Parameters<ViewHelpers['signImage']>;
  const { variants } = bound.configuration;
  const isUnknown = variant !== undefined && !variants.has(variant as string);
  return lenient(bound, image, given, isUnknown, (signer, text) =>
    signer.signImage(text, variant, mergeNamed(options, named)),
  );
}

function signSrcset(bound: Bound, ...all: readonly unknown[]): unknown {
  const given = readTemplateArguments(all);
  const { positional, named } = given;
  const candidates = mergeNamed(positional[1], pick(named, isCandidate));
  const isUnknown = namesUnknown(candidates, bound.configuration.variants);
  return lenient(bound, positional[0], given, isUnknown, (signer, text) =>
    signer.signSrcset(text, candidates, mergeNamed(positional[2], pick(named, isOption))),
  );
}

function lenient(
  { response, configuration }: Bound,
  image: unknown,
  { named, mayBeData }: TemplateArguments,
  namesUnknownVariant: boolean,
  sign: (signer: PageSigning, image: string) => string,
): unknown {
  const inProgress = response.begin();
  if (inProgress === undefined) return image;
  if (mayBeData) checkLifeInData(named, configuration.shortestTtl, inProgress.now);
  try {
    return sign(inProgress.signer, image as string); // throws with a code for anything but text
  } catch (error) {
    const reason = skipReason((error as { readonly code?: ImageSignerErrorCode }).code, namesUnknownVariant);
    if (reason === undefined) throw error;
    const { reporter } = inProgress;
    if (reporter.isListening) reporter.skipped(image, ...reasonAndHint(image, reason, configuration));
    return image;
  }
}

/** Why the image is not signed, and how to fix that. */
function reasonAndHint(
  image: unknown,
  reason: SkipReason,
  configuration: Bound['configuration'],
): [reason: SkipReason, hint?: Hint] {
  if (reason !== 'not-a-delivery-url' || typeof image !== 'string') return [reason];
  const problem = nameProblemOfArgument(image, configuration);
  if (problem !== undefined) return ['object-name', { problem }];
  const unmatched = explainUnmatched(image, configuration);
  return unmatched === undefined ? [reason] : [unmatched.reason, unmatched];
}

/** The other named arguments of `signSrcset` are candidates. */
function isOption(name: string): boolean {
  return name === 'ttl' || name === 'expiresAt' || name === 'authorize';
}

function isCandidate(name: string): boolean {
  return !isOption(name);
}

function pick(named: NamedArguments, belongs: (name: string) => boolean): NamedArguments {
  const entries = Object.entries(named ?? {}).filter(([name]) => belongs(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Named arguments override the positional object. Anything but an object is kept, and refused later. */
function mergeNamed(positional: unknown, named: NamedArguments): unknown {
  if (named === undefined || positional === null) return positional;
  return positional === undefined || typeof positional === 'object'
    ? { ...positional, ...named }
    : positional;
}

/** @returns undefined for a mistake in the template */
function skipReason(
  code: ImageSignerErrorCode | undefined,
  namesUnknownVariant: boolean,
): SkipReason | undefined {
  switch (code) {
    case 'VARIANT_NOT_ALLOWED':
      return namesUnknownVariant ? undefined : 'variant-not-allowed';
    case 'ACCOUNT_NOT_ALLOWED':
      return 'account-not-allowed';
    case 'NOT_A_DELIVERY_URL':
      return 'not-a-delivery-url';
    case 'SCHEME_FAILED':
      return 'scheme-failed';
    default:
      return undefined;
  }
}

function namesUnknown(candidates: unknown, variants: ReadonlyMap<string, unknown>): boolean {
  return (
    typeof candidates === 'object' &&
    candidates !== null &&
    Object.keys(candidates).some((name) => !variants.has(name))
  );
}

/** As in `{{signImage id "card" ttl="5m"}}` and `{{ signImage(id, 'card', ttl='5m') }}`; undefined if there are none. */
type NamedArguments = Readonly<Record<string, unknown>> | undefined;

interface TemplateArguments {
  /** In order. */
  readonly positional: readonly unknown[];
  readonly named: NamedArguments;
  /** The named arguments may be stored data, which must not extend a token's life. */
  readonly mayBeData: boolean;
}

/** The last argument of a Handlebars helper: `name`, `hash`, `data` and `loc`; a block has `fn` and `inverse` as well. */
interface HandlebarsOptions {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly fn?: unknown;
}

/** Nunjucks passes named arguments as an object with this property. */
const keywordsMark = '__keywords';

/**
 * Separates the template's arguments from those that its engine adds. Handlebars adds an options object to every call, and
 * Nunjucks adds one for named arguments.
 */
function readTemplateArguments(all: readonly unknown[]): TemplateArguments {
  const last = all.at(-1);
  if (isHandlebarsOptions(last))
    return { positional: all.slice(0, -1), named: checkedHash(last), mayBeData: false };
  if (isObject(last) && last[keywordsMark] === true) {
    const { [keywordsMark]: _, ...named } = last;
    if (Object.hasOwn(named, 'authorize')) throw notInData();
    return { positional: all.slice(0, -1), named: unlessEmpty(named), mayBeData: true };
  }
  return { positional: all, named: undefined, mayBeData: false };
}

/**
 * Stored data can look like named arguments of Nunjucks: with `signImage(photo.url, photo.size)`, the person who chose the size
 * could get a token for a year. Named arguments may shorten the signer's ttl, but not extend it.
 * @param longest - in seconds
 * @throws ImageSignerError INVALID_OPTION
 */
function checkLifeInData(named: NamedArguments, longest: number, now: EpochSeconds): void {
  const { ttl, expiresAt } = named ?? {};
  const seconds = parseDuration(ttl);
  if (seconds !== undefined && seconds > longest) throw tooLong('ttl', describe(ttl, asNumber), longest);
  const end = expiresAt instanceof Date ? expiresAt.getTime() / 1000 : expiresAt;
  if (typeof end === 'number' && end > now + longest)
    throw tooLong(
      'expiresAt',
      describe(end, (text) => asDate(text) ?? asNumber(text)),
      longest,
    );
}

function tooLong(name: 'ttl' | 'expiresAt', got: string, longest: number): ImageSignerError {
  return invalidOption(
    name,
    `expected at most the shortest ttl of the signer, ${longest} seconds, got ${got} as a named argument, which may be stored data. For a longer one, write signImage(image, 'card', { ${name} }).`,
  );
}

/**
 * An attacker can give data the shape of Handlebars options, for example with `?size[name]=…&size[hash][ttl]=366d`, to choose
 * the ttl. But a query or stored data cannot contain a function, and genuine options do: the block's `fn`, or the view's
 * `signImage` in `data.root`.
 */
function checkedHash({ hash, data, fn }: HandlebarsOptions): NamedArguments {
  const named = unlessEmpty(hash);
  const root: unknown = isObject(data) ? data['root'] : undefined;
  const isGenuine = typeof fn === 'function' || (isObject(root) && typeof root['signImage'] === 'function');
  if (named === undefined || isGenuine) return named;
  throw invalidOption(
    'options',
    'expected named arguments from a Handlebars view whose data has the helpers, got an object that only looks like them. Pass { ttl } as the third argument instead. If the Handlebars option `data` is off, turn it on.',
  );
}

/**
 * Stored data can look like named arguments of Nunjucks, which are a plain object: with `signImage(photo.url, photo.size)`, the
 * person who chose the size could decide who sees the photo.
 */
function notInData(): ImageSignerError {
  return invalidOption(
    'authorize',
    "expected it in an object in the template, got a named argument, which may be stored data. Write signImage(image, 'card', { authorize: false }).",
  );
}

function isHandlebarsOptions(value: unknown): value is HandlebarsOptions {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    isObject(value['hash']) &&
    ('data' in value || 'loc' in value) // `data` can be turned off; Handlebars before 4.4 has no `loc`
  );
}

function unlessEmpty(named: Readonly<Record<string, unknown>>): NamedArguments {
  return Object.keys(named).length > 0 ? named : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
