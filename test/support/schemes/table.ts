/**
 * Schemes by name, with options as the vectors write them: `"@rsa1024"` is a key of `vectors/keys.json`, `null` is an
 * option that is undefined, and an object with one key that begins with `$` is what JSON has no word for.
 */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UrlParts } from '../../../src/schemes/definition.ts';
import type { AzureDelegationKey } from '../../../src/schemes.ts';
import * as schemes from '../../../src/schemes.ts';
import keys from '../../vectors/keys.json' with { type: 'json' };
import { vercelDelegation } from '../oracles/vercel-blob.ts';
import { instant, key } from '../samples.ts';

export type SchemeName = Exclude<keyof typeof schemes, 'defineScheme'>;
export type Options = Readonly<Record<string, unknown>>;

/** What the claims of `jwt` are, by a name. */
const claims: Readonly<Record<string, (parts: UrlParts) => Record<string, unknown>>> = {
  sub: ({ origin, path }) => ({ sub: origin + path }),
  whole: ({ origin, path, query }) => ({ sub: `${origin}${path}?${query}` }),
  path: ({ path }) => ({ iss: 'é', path, nbf: 1, list: [1, { a: null }] }),
  id: ({ id, query }) => ({ id, query, '\u2028"\\': true }),
};

const special: Readonly<Record<string, (value: never) => unknown>> = {
  $claims: (name: string) => claims[name],
  $vercel: (ends: number) => vercelDelegation(ends),
  $azure: ([starts, ends]: [number, number]) => userDelegation(starts, ends),
  $with: ([base, change]: [object, object]) => ({
    ...(revive(base) as object),
    ...(revive(change) as object),
  }),
  $scope: (scope: object) => vercelDelegation(1_790_604_800, revive(scope) as object).delegationToken,
  $date: (text: string) => new Date(text),
  $bytes: (text: string) => Buffer.from(text),
  $gives: (value: unknown) => () => revive(value),
  $escaped: (name: string) => (revive(name) as string).replaceAll('\n', '\\n'),
  $cut: (name: string) => (revive(name) as string).slice(0, 300),
};

export function revive(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value === 'string') return value.startsWith('@') ? keys[value.slice(1) as never] : value;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(revive);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const [[name, given] = ['', undefined]] = Object.entries(value);
  if (Object.hasOwn(special, name)) return special[name]!(given as never);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]));
}

type Factory = (options: unknown) => schemes.Scheme;
export const factories: Readonly<Record<string, Factory>> = { ...schemes } as never;

export function makeScheme(name: SchemeName, options: unknown): schemes.Scheme {
  return factories[name]!(revive(options));
}

export type Row<Value> = Readonly<Record<string, Value>>;

/** A file of `vectors/schemes`; `rows.test.ts` says how its texts are read. */
export interface SchemeTable {
  readonly scheme: SchemeName;
  /** Of a second table of the scheme. */
  readonly title?: string;
  readonly name: string;
  readonly options: Options;
  /** @default 'key' */
  readonly secretOption?: string;
  /** Of `options`, if not all. */
  readonly required?: readonly string[];
  readonly base?: string;
  readonly image: string;
  readonly secrets: readonly string[];
  readonly signed?: readonly (readonly [
    change: Options,
    url: string,
    from: number,
    exp: number,
    signed: string,
  ])[];
  /** What a signed URL begins with. */
  readonly spelled?: Row<string>;
  readonly stripped?: Row<string>;
  readonly takes?: Row<string>;
  readonly refuses?: readonly string[];
  readonly verdicts?: Row<string>;
  readonly query?: string;
  readonly changed?: readonly (readonly [found: string, replacement: string, reason?: string])[];
  readonly fingerprints: readonly Options[];
  readonly mistakes: Row<readonly [change: Options, option: string, message: string]>;
  readonly accepted?: Row<Options>;
  /** What a helper signs in the place of what a page has. */
  readonly cleaned?: Row<string>;
  readonly explained?: Row<readonly [code: string, words: string]>;
}

const folder = join(import.meta.dirname, '../../vectors/schemes');
export const tables: readonly SchemeTable[] = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as SchemeTable,
);

/** The scheme of a table, with some options of its own. */
export function tableScheme(name: SchemeName, change: Options = {}): schemes.Scheme {
  return makeScheme(name, {
    ...tables.find(({ scheme, title }) => scheme === name && title === undefined)!.options,
    ...change,
  });
}

/** Those whose URLs are a base and the name of an image. */
export const storeNames: readonly SchemeName[] = tables
  .filter(({ scheme, title }) => title === undefined && scheme !== 'imgproxy')
  .map(({ scheme }) => scheme);

type Texts = string | readonly string[];

/** The scheme of a store at URLs of a host and one folder, until long after `instant`. */
export function schemeAt(name: SchemeName, url: Texts, change: Options = {}): schemes.Scheme {
  const all = [url].flat();
  const place: Partial<Record<SchemeName, Options>> = {
    azureBlob: {
      url: all.map((each) => each.slice(0, each.lastIndexOf('/'))),
      container: all[0]!.slice(all[0]!.lastIndexOf('/') + 1),
    },
    s3: { url, region: 'auto' },
    vercelBlob: { url, delegation: { $vercel: instant / 1_000 + 600_000 } },
    edgeAuth: { url, token: undefined, salt: undefined },
  };
  return tableScheme(name, { ...(place[name] ?? { url }), ...change });
}

/** With tokens as long as they are in use, of a session where there is one, and any parameters of the author. */
const usual: Partial<Record<SchemeName, Options>> = {
  s3: {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: key, sessionToken: 'FwoG+/==' },
  },
  cloudFront: { key: '@rsa2048' },
  gcs: { credentials: { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: '@rsa2048' } },
  imageKit: { parameters: undefined },
  vercelBlob: { delegation: { $vercel: 9_000_000_000 } },
};

export function usualScheme(name: SchemeName, url: Texts, change: Options = {}): schemes.Scheme {
  return schemeAt(name, url, { ...usual[name], ...change });
}

/** Of Azurite, which derives its user delegation keys from it. Everybody knows it. */
const azurite = 'I17GKLvcJUossaebtsEDZZ2RJ8GNLwLH4m7hRMxbVbkx6wNIRAABj4Rtw0FBhFuEAgmbL4gFMzUw+AStz9Sqdg==';
const [object, tenant] = ['11111111-2222-3333-4444-555555555555', '66666666-7777-8888-9999-000000000000'];

/**
 * The key that Azurite would give to an account of Entra ID.
 * @param startsAt - Unix seconds, as `endsAt`
 */
export function userDelegation(startsAt: number, endsAt: number): AzureDelegationKey {
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const text = [object, tenant, iso(startsAt), iso(endsAt), 'b', '2020-12-06'].join('\n');
  return {
    ...{ signedObjectId: object, signedTenantId: tenant, signedService: 'b', signedVersion: '2020-12-06' },
    signedStartsOn: new Date(startsAt * 1000),
    signedExpiresOn: new Date(endsAt * 1000),
    value: createHmac('sha256', azurite).update(text).digest('base64'),
  };
}
