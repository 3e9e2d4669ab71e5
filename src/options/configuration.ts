/** What users write -> a complete, frozen configuration. It knows no requests, and keeps none of the options as given. */
import * as v from 'valibot';
import { Landmarks, landmarkOf } from '../rewriting/landmarks.ts';
import type { ExtraTargets } from '../rewriting/targets.ts';
import { stepOf } from '../signing/expiry.ts';
import type { SigningKeys } from '../signing/keys.ts';
import type { DeliveryBase } from '../url/delivery.ts';
import { describeSecret, invalidOption } from './message.ts';
import type { GuardOptions, MiddlewareOptions, SignerOptions } from './types.ts';
import * as values from './values.ts';

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
  readonly landmarks: Landmarks;
  /** In seconds; undefined: a quarter of the ttl in force. */
  readonly stableFor: number | undefined;
  /** The shortest ttl of a variant that is signed, in seconds. */
  readonly shortestTtl: number;
  readonly viewing: Viewing;
  readonly now: () => number;
  /** Tells two configurations apart, without what is a function; holds no key. */
  readonly fingerprint: string;
}

/** Who may see what, and who hears of it. */
export interface Viewing {
  readonly authorize: SignerOptions['authorize'];
  readonly deniedVariant: string | undefined;
  readonly report: SignerOptions['report'];
}

export interface MiddlewareConfiguration extends values.ParsedRewrite {
  readonly skip: MiddlewareOptions['skip'];
  readonly extraTargets: ExtraTargets;
}

export interface GuardConfiguration {
  readonly isReportOnly: boolean;
  readonly sharedCache: boolean;
}

const authorize = values.callable<NonNullable<SignerOptions['authorize']>>(
  'It gets the image and the request, and answers true for a viewer who may see it.',
);
const report = values.callable<NonNullable<SignerOptions['report']>>('It is called with each event.');
const skip = values.callable<NonNullable<MiddlewareOptions['skip']>>(
  'It gets request and response, and answers true for a response to leave alone.',
);
const now = values.callable<NonNullable<SignerOptions['now']>>('It returns milliseconds, as Date.now does.');

const viewingEntries = {
  authorize: v.optional(authorize),
  deniedVariant: v.optional(values.deniedVariant),
  report: v.optional(report),
};

const signerEntries = {
  key: values.key,
  ttl: values.ttl,
  variants: values.variants,
  accountHash: v.optional(values.accountHash),
  delivery: v.optional(values.delivery, 'https://imagedelivery.net'),
  stableFor: v.optional(values.stableFor),
  now: v.optional(now, () => Date.now),
  ...viewingEntries,
} satisfies Record<keyof SignerOptions, v.GenericSchema>;

const middlewareEntries = {
  rewrite: v.optional(values.rewrite, {}),
  skip: v.optional(skip),
  attributes: v.optional(values.attributes, {}),
} satisfies Record<keyof MiddlewareOptions, v.GenericSchema>;

const guardEntries = {
  mode: v.optional(values.mode, 'enforce'),
  sharedCache: v.optional(values.sharedCache, false),
} satisfies Record<keyof GuardOptions, v.GenericSchema>;

type SignerInput = v.InferOutput<v.StrictObjectSchema<typeof signerEntries, undefined>>;

/** Reads `attributes`, wherever it stands. */
export function parseAttributes(input: unknown): ExtraTargets {
  const result = v.safeParse(v.optional(values.attributes, {}), input, { abortEarly: true });
  if (result.success) return result.output;
  throw invalidOption('attributes', result.issues[0].message);
}

/** Reads a signer's options. */
export function parseSigner(factory: string, input: unknown): Configuration {
  return toConfiguration(parseObject(factory, signerEntries, input));
}

export interface Parsed<Signer, Own> {
  /** The signer that was handed over; undefined where one has to be made of the configuration. */
  readonly signer: Signer | undefined;
  readonly configuration: Configuration;
  readonly viewing: Viewing;
  readonly own: Own;
}

/** Reads the middleware's options; `isSigner` knows a signer when it sees one. */
export function parseMiddleware<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, MiddlewareConfiguration> {
  const { own, ...rest } = parseWithSigner(factory, middlewareEntries, input, toSigner);
  return { ...rest, own: { ...own.rewrite, skip: own.skip, extraTargets: own.attributes } };
}

export function parseGuard<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, GuardConfiguration> {
  const { own, ...rest } = parseWithSigner(factory, guardEntries, input, toSigner);
  return { ...rest, own: { isReportOnly: own.mode === 'report', sharedCache: own.sharedCache } };
}

function parseWithSigner<
  Entries extends v.ObjectEntries,
  Signer extends { readonly configuration: Configuration },
>(
  factory: string,
  ownEntries: Entries,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  type Own = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;
  if (!hasSigner(input)) {
    const given = parseObject(factory, { ...signerEntries, ...ownEntries }, input) as SignerInput & Own;
    const configuration = toConfiguration(given);
    return { signer: undefined, configuration, viewing: configuration.viewing, own: given };
  }
  const signer = toSigner(input.signer);
  if (signer === undefined) {
    throw invalidOption(
      'signer',
      `expected what createSigner returns, got ${describeSecret(input.signer)}. Leave it out to give key, ttl and variants here.`,
    );
  }
  const besides = Object.keys(input).find(
    (name) => Object.hasOwn(signerEntries, name) && !Object.hasOwn(viewingEntries, name),
  );
  if (besides !== undefined) {
    throw invalidOption(
      besides,
      'expected not to stand beside `signer`, which has it already. Give it to createSigner.',
    );
  }
  const given = parseObject(
    factory,
    { signer: v.unknown(), ...viewingEntries, ...ownEntries },
    input,
  ) as Partial<Viewing> & Own;
  const { configuration } = signer;
  const viewing: Viewing = {
    authorize: given.authorize ?? configuration.viewing.authorize,
    deniedVariant: given.deniedVariant ?? configuration.viewing.deniedVariant,
    report: given.report ?? configuration.viewing.report,
  };
  checkDeniedVariant(viewing.deniedVariant, configuration.variants);
  return { signer, configuration, viewing, own: given };
}

function hasSigner(input: unknown): input is { readonly signer: unknown } {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'signer');
}

/** The first mistake is thrown. A name that is required and missing counts as undefined. */
function parseObject<Entries extends v.ObjectEntries>(
  factory: string,
  entries: Entries,
  input: unknown,
): v.InferOutput<v.StrictObjectSchema<Entries, undefined>> {
  if (typeof input !== 'object' || input === null) {
    throw invalidOption(
      '',
      `${factory} expected options, got ${describeSecret(input)}. Write ${factory}({ key, ttl, variants }).`,
    );
  }
  if ('headers' in input && 'method' in input) {
    throw invalidOption(
      '',
      `${factory} expected options, got a request. Write app.use(${factory}({ … })): the call makes the middleware.`,
    );
  }
  const missing = Object.fromEntries(Object.keys(entries).map((name) => [name, undefined]));
  const schema = v.strictObject(
    entries,
    () => `is no option of ${factory}. There are ${Object.keys(entries).join(', ')}.`,
  );
  const result = v.safeParse(schema, { ...missing, ...input }, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalidOption((issue.path ?? []).map(({ key }) => String(key)).join('.'), issue.message);
}

function toConfiguration(given: SignerInput): Configuration {
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
      `expected an account of accountHash for ${stray.text}, got '${stray.accountHash}'. Its images would all be left alone: add the account to accountHash.`,
    );
  }
  const servingBase = given.delivery[0]!; // the schema takes no empty list
  const signed = [...variants.values()].filter(({ alwaysPublic }) => !alwaysPublic);
  return Object.freeze({
    keys: given.key,
    variants,
    accounts,
    servingAccount: servingBase.accountHash ?? given.accountHash?.[0],
    bases: given.delivery.toSorted((a, b) => b.path.length - a.path.length),
    servingBase,
    landmarks: new Landmarks(given.delivery.map(({ authority, path }) => landmarkOf(authority, path))),
    stableFor: given.stableFor,
    shortestTtl: signed.length === 0 ? given.ttl : Math.min(...signed.map(({ ttl }) => ttl)),
    viewing: { authorize: given.authorize, deniedVariant: given.deniedVariant, report: given.report },
    now: given.now,
    fingerprint: JSON.stringify([
      given.key.seal('key'),
      [...variants.values()],
      given.accountHash ?? null,
      given.delivery,
      given.stableFor ?? null,
    ]),
  });
}

/** Always public, since it goes to viewers who may not see the image itself. */
function checkDeniedVariant(name: string | undefined, variants: ReadonlyMap<string, Variant>): void {
  if (name === undefined || variants.get(name)?.alwaysPublic === true) return;
  const got = variants.has(name) ? 'which is not' : 'which is not on the list';
  throw invalidOption(
    'deniedVariant',
    `expected an always public variant, got '${name}', ${got}. Such as variants: { ${name}: { alwaysPublic: true } }.`,
  );
}
