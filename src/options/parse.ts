/**
 * Reads the options of every factory with their schemas. The first mistake is thrown.
 * Longer than most files: it has a row for every option, and a function for every factory.
 */
import * as v from 'valibot';
import { accountHash, delivery, key, variantName, variants } from '../schemes/cloudflare-images/options.ts';
import { type CloudflareInput, defineCloudflareImages } from '../schemes/cloudflare-images/scheme.ts';
import type { Definition } from '../schemes/definition.ts';
import { from } from '../schemes/from.ts';
import { describeSecret, expectedSecret, invalidOption } from '../validation/message.ts';
import {
  callable,
  flag,
  keyRefresh,
  readGiven,
  readObject,
  type Schema,
  stableFor,
  synchronous,
  ttl,
} from '../validation/schema.ts';
import {
  type AccessInput,
  type AccessRules,
  type Configuration,
  checkDeniedVariant,
  type EndpointConfiguration,
  type GuardConfiguration,
  type MiddlewareConfiguration,
  type ParsedOptions,
  toConfiguration,
} from './configuration.ts';
import { attributes, customProperties, fields, scripts } from './extra-targets.ts';
import type { EndpointOptions, GuardOptions, MiddlewareOptionsFor } from './factory-options.ts';
import type { CloudflareOptions, CommonOptions } from './signer-options.ts';
import { isRewriteName, memory, mode, origins, path, report, rewrite, scheme } from './values.ts';

const authorizes = 'It receives the image and the request, and returns true if the viewer may see the image.';
const askedBefore =
  'Do the asynchronous work in an earlier middleware, and let the function read the result from the request.';

const authorize = synchronous<NonNullable<AccessRules['authorize']>>(authorizes, askedBefore);
export const isPublic: Schema<NonNullable<GuardConfiguration['isPublic']>> = synchronous<
  NonNullable<GuardConfiguration['isPublic']>
>(
  'It receives the image, and returns true if the image needs no token.',
  'Keep the data that it needs in memory, and return true or false.',
);
const skip = synchronous<NonNullable<MiddlewareOptionsFor<unknown[]>['skip']>>(
  'It receives request and response, and returns true to leave the response alone.',
  askedBefore,
);
const now = synchronous<NonNullable<CommonOptions['now']>>('It returns milliseconds, as Date.now does.');

const accessEntries = {
  authorize: v.optional(authorize),
  deniedVariant: v.optional(variantName),
  report: v.optional(report),
};

/** Users of other stores look for their key here. */
const missingKey: typeof key = v.custom<never>(
  () => false,
  expectedSecret(
    "the signing key's text, or a list with the newest first",
    'Cloudflare shows it under Images, Keys. If it comes from the environment, is the variable set? For another store, pass `scheme` instead.',
  ),
);

const commonEntries = {
  ttl,
  stableFor: v.optional(stableFor),
  now: v.optional(now, () => Date.now),
  memory: memory('32MB', true),
  ...accessEntries,
} satisfies Record<keyof CommonOptions, v.GenericSchema>;

/** For Cloudflare Images. The option `scheme` replaces `key`, `variants`, `accountHash`, `delivery` and `from`. */
const signerEntries = {
  key: v.lazy((input) => (input === undefined ? missingKey : key)),
  ...commonEntries,
  variants,
  accountHash: v.optional(accountHash),
  delivery: v.optional(delivery, 'https://imagedelivery.net'),
  from: v.optional(from),
  keyRefresh: v.optional(keyRefresh),
} satisfies Record<keyof CloudflareOptions, v.GenericSchema>;

const schemeEntries = { scheme, ...commonEntries };

const middlewareEntries = {
  rewrite: v.optional(rewrite, {}),
  skip: v.optional(skip),
  attributes: v.optional(attributes, {}),
  scripts: v.optional(scripts, {}),
  fields: v.optional(fields, {}),
  customProperties: v.optional(customProperties, []),
} satisfies Record<keyof MiddlewareOptionsFor<unknown[]>, v.GenericSchema>;

const guardEntries = {
  mode: v.optional(mode, 'enforce'),
  sharedCache: v.optional(flag, false),
  isPublic: v.optional(isPublic),
} satisfies Record<keyof GuardOptions, v.GenericSchema>;

const endpointEntries = {
  path: v.optional(path),
  origins: v.optional(origins),
  /** The endpoint waits for a promise; a page cannot. */
  authorize: v.optional(callable<NonNullable<AccessRules['authorize']>>(authorizes)),
} satisfies Record<keyof EndpointOptions | 'authorize', v.GenericSchema>;

/** Reads a signer's options. */
export function parseSigner(factory: string, input: unknown): Configuration {
  return readGiven(factory, input, (given) => readConfiguration(factory, {}, given).configuration);
}

export interface Parsed<Signer, Own> {
  /** The option `signer`; undefined if the caller has to create one from the configuration. */
  readonly signer: Signer | undefined;
  readonly configuration: Configuration;
  readonly access: AccessRules;
  readonly own: Own;
}

/**
 * Reads the middleware's options.
 * @param toSigner - returns undefined for a value that is not a signer
 */
export function parseMiddleware<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, MiddlewareConfiguration> {
  const { own, ...rest } = parseWithSigner(factory, middlewareEntries, input, toSigner);
  const { rewrite: kinds, skip: skipResponse, ...extraTargets } = own;
  return { ...rest, own: { ...kinds, skip: skipResponse, extraTargets } };
}

export function parseGuard<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, GuardConfiguration> {
  const { own, ...rest } = parseWithSigner(factory, guardEntries, input, toSigner);
  if (!rest.configuration.schemes.some(({ canGuard }) => canGuard)) {
    throw invalidOption(
      'scheme',
      'expected a scheme that verifies tokens and has a path such as /images as a base, got none. The guard sees only paths, so it would refuse every request.',
    );
  }
  const { sharedCache, isPublic: asked } = own;
  return { ...rest, own: { isReportOnly: own.mode === 'report', sharedCache, isPublic: asked } };
}

export function parseEndpoint<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, EndpointConfiguration> {
  const { own, ...rest } = parseWithSigner(factory, endpointEntries, input, toSigner);
  if (rest.access.authorize === undefined) {
    throw invalidOption(
      'authorize',
      'expected a function, here or in the signer, got none. Without it, the endpoint would sign for anybody: (image, request) => … decides who may see an image.',
    );
  }
  return { ...rest, own: { path: own.path, origins: own.origins && new Set(own.origins) } };
}

/** Reads the options of a diagnosis: a signer's options, or `{ signer }`. */
export function parseDiagnosis<Signer extends { readonly configuration: Configuration }>(
  factory: string,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Configuration {
  return parseWithSigner(factory, {}, input, toSigner).configuration;
}

/**
 * Reads a signer's options, or `{ signer }`, with those that a factory has of its own.
 * @param ownEntries - if one has the name of a signer's option, it is allowed beside `signer`
 */
export function parseWithSigner<
  Entries extends v.ObjectEntries,
  Signer extends { readonly configuration: Configuration },
>(
  factory: string,
  ownEntries: Entries,
  input: unknown,
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  type Own = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;
  return readGiven(factory, input, (given) => {
    refuseIsPublic(factory, ownEntries, given);
    refuseRewritten(factory, ownEntries, given);
    if (hasOwn(given, 'signer')) return readWithSigner(factory, ownEntries, given, toSigner);
    const { configuration, own } = readConfiguration(factory, ownEntries, given);
    return { signer: undefined, configuration, access: configuration.access, own: own as Own };
  });
}

/** Reads the options beside `signer`, which replace what the signer has. */
function readWithSigner<
  Entries extends v.ObjectEntries,
  Signer extends { readonly configuration: Configuration },
>(
  factory: string,
  ownEntries: Entries,
  input: { readonly signer: unknown },
  toSigner: (value: unknown) => Signer | undefined,
): Parsed<Signer, v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  type Own = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;
  const signer = toSigner(input.signer);
  if (signer === undefined) {
    throw invalidOption(
      'signer',
      `expected what createSigner returns, got ${describeSecret(input.signer)}. Leave it out to pass key, ttl and variants here.`,
    );
  }
  const beside = Object.keys(input).find(
    (name) =>
      Object.hasOwn({ ...signerEntries, ...schemeEntries }, name) &&
      !Object.hasOwn({ ...accessEntries, ...ownEntries }, name),
  );
  if (beside !== undefined) {
    throw invalidOption(
      beside,
      'expected not to be set beside `signer`, which has it already. Pass it to createSigner.',
    );
  }
  const given = readObject(
    factory,
    { signer: v.unknown(), ...accessEntries, ...ownEntries },
    input,
  ) as AccessInput & Own;
  const { configuration } = signer;
  const access: AccessRules = {
    authorize: given.authorize ?? configuration.access.authorize,
    deniedVariant: given.deniedVariant ?? configuration.access.deniedVariant,
    report: given.report === false ? undefined : (given.report ?? configuration.access.report),
  };
  checkDeniedVariant(access.deniedVariant, configuration.variants);
  return { signer, configuration, access, own: given };
}

/** Users who make an image public at its delivery try the same option where pages are signed. */
function refuseIsPublic(factory: string, ownEntries: v.ObjectEntries, input: object): void {
  if (!Object.hasOwn(input, 'isPublic') || Object.hasOwn(ownEntries, 'isPublic')) return;
  throw invalidOption(
    'isPublic',
    `is not an option of ${factory}. It is an option of imageGuard and imageDelivery, which check tokens. For a page, mark a variant as { alwaysPublic: true }.`,
  );
}

/** `json: true` is often written beside `rewrite`, not in it. */
function refuseRewritten(factory: string, ownEntries: v.ObjectEntries, input: object): void {
  const name = Object.hasOwn(ownEntries, 'rewrite') ? Object.keys(input).find(isRewriteName) : undefined;
  if (name === undefined) return;
  const value = name === 'events' ? "'html'" : 'true';
  throw invalidOption(name, `is not an option of ${factory}. Did you mean rewrite: { ${name}: ${value} }?`);
}

/** Reads the options of a signer, and those that a factory has of its own. */
function readConfiguration(
  factory: string,
  ownEntries: v.ObjectEntries,
  input: object,
): { readonly configuration: Configuration; readonly own: unknown } {
  if (!hasOwn(input, 'scheme')) {
    const given = readObject(factory, { ...signerEntries, ...ownEntries }, input, ['scheme']);
    const images = defineCloudflareImages(given as CloudflareInput);
    return { configuration: toConfiguration(given as ParsedOptions, [images]), own: given };
  }
  const beside = ['key', 'keyRefresh', 'variants', 'accountHash', 'delivery', 'from'].find((name) =>
    Object.hasOwn(input, name),
  );
  if (beside !== undefined) {
    throw invalidOption(
      beside,
      /^(?:from|key)/.test(beside)
        ? 'expected not to be set beside `scheme`. It is an option of the schemes: pass it there.'
        : 'expected not to be set beside `scheme`. It is an option of cloudflareImages, which is a scheme too.',
    );
  }
  const given: ParsedOptions & { readonly scheme: readonly Definition[] } = readObject(
    factory,
    { ...schemeEntries, ...ownEntries },
    input,
  );
  return { configuration: toConfiguration(given, given.scheme), own: given };
}

function hasOwn<Name extends string>(input: object, name: Name): input is { readonly [K in Name]: unknown } {
  return Object.hasOwn(input, name);
}
