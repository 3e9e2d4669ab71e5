/**
 * Cloudflare Images as a scheme. Only this file checks the allowlists of accounts and variants.
 * Longer than most files: it also has the options of `cloudflareImages`.
 */
import * as v from 'valibot';
import type { SigningKeys } from '../../signing/keys.ts';
import type { Duration } from '../../text/duration.ts';
import { maxUrlLength } from '../../text/limits.ts';
import type { FromBase } from '../../url/base.ts';
import { encodeSegment } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import { asBase, describe, invalidOption } from '../../validation/message.ts';
import { keyRefresh } from '../../validation/schema.ts';
import {
  createScheme,
  type Definition,
  type MatchedImage,
  type Scheme,
  type SchemeImage,
  type StoredBase,
  type TokenResult,
  type VariantRules,
} from '../definition.ts';
import { from } from '../from.ts';
import { readSchemeOptions } from '../options.ts';
import { mostSpecificFirst } from '../url-parts.ts';
import type { UrlPlace, WrittenUrl } from '../written-url.ts';
import {
  cloudflareLiteral,
  type DeliveryBase,
  type DeliveryMatch,
  explainUnmatched,
  matchDelivery,
} from './delivery-url.ts';
import { accountHash, delivery, type KeyInput, key, keysOf, variants } from './options.ts';
import { readToken, serializeQuery, signedString, withoutToken } from './token.ts';

/** The image that a delivery URL names. */
interface CloudflareMatch extends MatchedImage {
  /** The account that the image belongs to, as a delivery URL writes it. */
  readonly accountHash: string;
  /** The name of the variant, percent-decoded. */
  readonly variant: string;
}

/**
 * An image at Cloudflare Images. `authorize` receives it, and `verifyImage` returns it, without the option `scheme` and with
 * `cloudflareImages`.
 */
export interface DeliveryImage extends SchemeImage<'cloudflare-images'>, CloudflareMatch {}

/** The options of `cloudflareImages`: the same that the factories take without `scheme`, where they are described. */
export interface CloudflareImagesOptions {
  /** The signing key's text, a list with the newest first, or a function that returns either. Required. */
  readonly key:
    | string
    | readonly string[]
    | (() => string | readonly string[] | PromiseLike<string | readonly string[]>)
    | undefined;
  /**
   * How often a function is asked for the key: seconds, or `'15m'`.
   * @default '5m'
   */
  readonly keyRefresh?: Duration | undefined;
  /** The variants that are signed: a list of names, or a map of names to policies. Required. */
  readonly variants:
    | readonly string[]
    | Readonly<
        Record<
          string,
          {
            /** As the option `ttl`, for this variant. */
            readonly ttl?: Duration | undefined;
            /** Set this for a variant that has "Always allow public access" at Cloudflare. */
            readonly alwaysPublic?: boolean | undefined;
            /** Width in CSS pixels, for `signSrcset`. */
            readonly width?: number | undefined;
            /** Height in CSS pixels. It has no effect here. */
            readonly height?: number | undefined;
          }
        >
      >;
  /**
   * Signs the images of these accounts only.
   * @default any account
   */
  readonly accountHash?: string | readonly string[] | undefined;
  /**
   * The beginning of the delivery URLs.
   * @default 'https://imagedelivery.net'
   */
  readonly delivery?: string | CloudflareBase | readonly (string | CloudflareBase)[] | undefined;
  /**
   * Other bases under which the same images are stored. A URL under one of them becomes the same path under the first base of
   * `delivery`, signed.
   * @default none
   */
  readonly from?: string | StoredBase | readonly (string | StoredBase)[] | undefined;
}

/** A base whose URLs omit the account hash, which the site's rewrite rule adds. */
export interface CloudflareBase {
  /** Such as `'https://img.shop.example'`. */
  readonly base: string;
  /** The account whose images it delivers. */
  readonly accountHash: string;
}

/** The options, as the schemas return them. */
export interface CloudflareInput {
  readonly key: KeyInput;
  /** In seconds. */
  readonly keyRefresh?: number | undefined;
  readonly variants: readonly VariantRules[];
  readonly accountHash?: readonly string[] | undefined;
  readonly delivery: readonly DeliveryBase[];
  readonly from?: readonly FromBase[] | undefined;
}

/** What a diagnosis needs to sign again in other ways. */
export interface CloudflareSetup {
  readonly keys: SigningKeys;
  /** The most specific first. */
  readonly bases: readonly DeliveryBase[];
  /** Undefined allows any account. */
  readonly accounts: ReadonlySet<string> | undefined;
  readonly variants: ReadonlyMap<string, VariantRules>;
}

interface CloudflareDefinition extends Definition<CloudflareMatch> {
  readonly name: 'cloudflare-images';
  readonly setup: CloudflareSetup;
}

/** @returns undefined for another scheme */
export function setupOf(definition: Definition): CloudflareSetup | undefined {
  // No other definition has this member: `defineScheme` refuses unknown ones.
  return 'setup' in definition ? (definition as CloudflareDefinition).setup : undefined;
}

/** @throws ImageSignerError INVALID_OPTION for options that contradict each other */
export function defineCloudflareImages(given: CloudflareInput): CloudflareDefinition {
  const { delivery: bases } = given;
  const accounts = given.accountHash === undefined ? undefined : new Set(given.accountHash);
  checkAccounts(bases, accounts);
  const keys = keysOf(given.key, given.keyRefresh);
  const rules = new Map(given.variants.map((each) => [each.name, each]));
  const [servingBase] = bases as [DeliveryBase]; // the schema refuses an empty list
  const ordered = mostSpecificFirst(bases);
  const { fetched } = keys;

  const placeOf = (url: string): DeliveryPlace | undefined => {
    const written = readUrl(url, ordered);
    return typeof written === 'object' && written.url === url ? written.place : undefined;
  };

  return {
    name: 'cloudflare-images',
    setup: { keys, bases: ordered, accounts, variants: rules },
    bases,
    from: given.from,
    isLimited: true,
    ...(fetched && { secrets: { lifetime: fetched, source: given.key, fingerprint: '' } }),
    // The first account is used for ids; the order of the others has no effect.
    fingerprint: JSON.stringify([
      fetched === undefined ? keys.shortMac('key') : null,
      given.accountHash?.[0],
      given.accountHash?.toSorted(),
    ]),
    shortMac: (text) => keys.shortMac(text),
    // The server decides which hosts it answers for.
    guardBases: withoutHosts(ordered),
    variants: {
      rules,
      nameIn(url) {
        const { start, end } = lastSegment(url);
        return percentDecode(url.slice(start, end));
      },
      replace(url, variant) {
        const { start, end } = lastSegment(url);
        return `${url.slice(0, start)}${encodeSegment(variant)}${url.slice(end)}`;
      },
      urlOf(id, variant) {
        const account = servingBase.accountHash ?? given.accountHash?.[0];
        if (account === undefined) return 'account-required';
        if (variant === undefined) return 'variant-required';
        const segments = id.split('/').map(encodeSegment);
        if (segments.includes(undefined)) return undefined;
        const prefix =
          servingBase.accountHash === undefined ? `${servingBase.text}/${account}` : servingBase.text;
        return `${prefix}/${segments.join('/')}/${encodeSegment(variant)}`;
      },
    },
    unmatching: { literal: cloudflareLiteral, explain: (text) => explainUnmatched(text, ordered) },
    read: readUrl,
    match(_url, { match }: DeliveryPlace) {
      const { id, accountHash: account, variant } = match;
      if (accounts?.has(account) === false) return 'account-not-allowed';
      return rules.has(variant) ? { id, accountHash: account, variant } : 'variant-not-allowed';
    },
    isTokenParameter: (name) => isTokenParameter(name),
    signedPath: (_url, { match }: DeliveryPlace) => match.signedPath,
    strip: withoutToken,
    sign(url, { exp }, place: DeliveryPlace | undefined = placeOf(url)) {
      if (place === undefined) return url;
      const question = url.indexOf('?');
      const end = question < 0 ? url.length : question;
      const query = question < 0 ? `exp=${exp}` : serializeQuery(url.slice(end + 1), exp);
      // Path and query are exactly the signed bytes: otherwise Cloudflare would compute another MAC.
      return `${url.slice(0, end)}?${query}&sig=${keys.sign(signedString(place.match.signedPath, query))}`;
    },
    /**
     * Compares the signature, in constant time, before the expiry: otherwise the reason would tell a forger about expiries
     * without a valid signature.
     */
    verify(url, now, given): TokenResult {
      const place = (given as DeliveryPlace | undefined) ?? placeOf(url); // `read` has made it
      if (place === undefined) return { ok: false, reason: 'bad-signature' };
      const token = readToken(url.slice(place.query + 1));
      if (token === 'missing') return { ok: false, reason: 'missing-signature' };
      if (token === 'malformed') return { ok: false, reason: 'malformed-signature' };
      const { expiresAt, signature, signedQuery } = token;
      const keyIndex = keys.indexOfKey(signedString(place.match.signedPath, signedQuery), signature);
      if (keyIndex < 0) return { ok: false, reason: 'bad-signature' };
      // Negated, so that a NaN clock lets nothing through.
      if (!(now < expiresAt)) return { ok: false, reason: 'expired' };
      return { ok: true, expiresAt, keyIndex };
    },
  };
}

const entries = {
  key,
  variants,
  accountHash: v.optional(accountHash),
  delivery: v.optional(delivery, 'https://imagedelivery.net'),
  from: v.optional(from),
  keyRefresh: v.optional(keyRefresh),
};

/**
 * Cloudflare Images, for a list with other schemes. A site with only Cloudflare Images passes these options to the factories.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { imageSigner } from 'image-signer';
 * import { bunny, cloudflareImages } from 'image-signer/schemes';
 *
 * const images = cloudflareImages({ key: process.env.IMAGES_KEY, variants: ['thumb', 'card'] });
 * const files = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme: [images, files], ttl: '1d' }));
 * ```
 * @see https://developers.cloudflare.com/images/optimization/hosted-images/serve-private-images/
 */
export function cloudflareImages(options: CloudflareImagesOptions): Scheme<DeliveryImage> {
  const given = readSchemeOptions('cloudflareImages', entries, options);
  return createScheme(defineCloudflareImages(given));
}

/** Where the parts of a delivery URL are. */
interface DeliveryPlace extends UrlPlace {
  readonly match: DeliveryMatch;
}

interface WrittenDelivery extends WrittenUrl {
  readonly place: DeliveryPlace;
}

/** The path in the one spelling that is signed, and the query as written. */
function readUrl(text: string, bases: readonly DeliveryBase[]): WrittenDelivery | 'unreadable' | undefined {
  const match = text.length > maxUrlLength ? undefined : matchDelivery(text, bases);
  if (match === undefined) return undefined;
  if (match === 'not-canonical') return 'unreadable';
  const { reference, base, path } = match;
  const start = reference.path + base.path.length;
  const place = { base, path: start, query: start + path.length, match };
  const isAsWritten = reference.isPlain && reference.fragment === text.length;
  return {
    text,
    url: isAsWritten ? text : text.slice(0, start) + path + text.slice(reference.query, reference.fragment),
    fragment: isAsWritten ? '' : text.slice(reference.fragment),
    place,
    queryInText: reference.query,
  };
}

/** The segment of the variant, in a URL with or without query and fragment. */
function lastSegment(url: string): { readonly start: number; readonly end: number } {
  const behind = url.search(/[?#]/);
  const end = behind < 0 ? url.length : behind;
  return { start: url.lastIndexOf('/', end - 1) + 1, end };
}

function withoutHosts(bases: readonly DeliveryBase[]): readonly DeliveryBase[] {
  const byPath = new Map(
    bases.map((base) => [`${base.path} ${base.accountHash ?? ''}`, { ...base, authority: undefined }]),
  );
  return [...byPath.values()];
}

function checkAccounts(bases: readonly DeliveryBase[], accounts: ReadonlySet<string> | undefined): void {
  const stray = bases.find(
    ({ accountHash }) => accountHash !== undefined && accounts?.has(accountHash) === false,
  );
  if (stray !== undefined) {
    throw invalidOption(
      'delivery',
      `expected an account of accountHash for ${describe(stray.text, asBase)}, got another one. None of its images would be signed: add the account to accountHash.`,
    );
  }
  const doubled = bases.find(
    ({ authority, path }) =>
      accounts?.has(path.slice(path.lastIndexOf('/') + 1)) === true ||
      // At Cloudflare only the hash can follow.
      (authority === 'imagedelivery.net' && path !== '') ||
      /\/cdn-cgi\/imagedelivery\/./.test(path),
  );
  if (doubled !== undefined) {
    throw invalidOption(
      'delivery',
      `expected a base without the account hash, got ${describe(doubled.text, asBase)}. The hash follows the base: remove it here.`,
    );
  }
}
