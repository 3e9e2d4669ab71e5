/** Reads the options of `azureBlob`: the endpoint, the container, and the key that signs. */
import * as v from 'valibot';
import type { Base, FromBase } from '../url/base.ts';
import { asBase, asName, describe, describeSecret, expected, invalidOption } from '../validation/message.ts';
import {
  type AzureDelegationKey,
  accountKey,
  delegationKey,
  type SasKey,
  whereKeysAre,
} from './azure-blob-keys.ts';
import type { SecretOption } from './definition.ts';
import { parameters, readSchemeOptions, type StoreOptions, storeEntries, url } from './options.ts';
import { type Secrets, secretsOf } from './secrets.ts';

/** What `azureBlob` takes: an account key, or a user delegation key. */
export interface AzureBlobOptions extends StoreOptions {
  /**
   * The endpoint, without the container, or a list: `https://shopimages.blob.core.windows.net`, a domain of yours in front
   * of it, or `http://127.0.0.1:10000/devstoreaccount1` of Azurite.
   */
  readonly url: string | readonly string[];
  /** The storage account's name, which is signed: the endpoint may be at another host. */
  readonly account: string;
  /** The container whose blobs are signed. */
  readonly container: string;
  /**
   * An account key; a list, of which the first signs, such as `[key1, key2]`; or a function that gives either.
   * @default none: `delegation` is required
   */
  readonly key?: SecretOption<string> | undefined;
  /**
   * A function that gets a user delegation key, such as by `getUserDelegationKey` of `@azure/storage-blob`. It is asked before
   * the first URL, and again before the key ends.
   * @default none: `key` is required
   */
  readonly delegation?:
    | AzureDelegationKey
    | (() => AzureDelegationKey | PromiseLike<AzureDelegationKey>)
    | undefined;
  /**
   * Parameters of a URL that stay on it, by name. All others are taken off: a SAS does not cover them, so that anybody can add
   * what Azure reads, and no page should. Names are compared as they are, with case.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

export interface AzureBlobConfiguration {
  /** With the container. */
  readonly bases: readonly Base[];
  readonly from: readonly FromBase[] | undefined;
  readonly prefixes: readonly string[] | undefined;
  readonly account: string;
  readonly container: string;
  readonly secrets: Secrets<SasKey>;
  readonly parameters: readonly string[];
}

/** All parameters of SAS of any kind and version. @see Microsoft, "Delegate access by using a shared access signature" */
const sasParameters: ReadonlySet<string> = new Set([
  ...['sv', 'ss', 'srt', 'sr', 'sp', 'st', 'se', 'sip', 'spr', 'si', 'ses', 'sig', 'sdd', 'srh', 'srq'],
  ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'saoid', 'suoid', 'scid', 'sduoid', 'skdutid'],
  ...['rscc', 'rscd', 'rsce', 'rscl', 'rsct'],
]);

/** Azure reads names without case. */
export function isSasParameter(name: string): boolean {
  return sasParameters.has(name.toLowerCase());
}

const accountHint = "Such as 'shopimages', the first part of its endpoint's host.";
const containerHint = "Such as 'photos'. The portal lists it under Data storage, Containers.";
const entries = {
  url,
  account: v.pipe(
    v.string(expected("the storage account's name", accountHint)),
    v.check(
      (text) => /^[a-z\d]{3,24}$/.test(text),
      expected('3 to 24 small letters and digits', accountHint, asName),
    ),
  ),
  container: v.pipe(
    v.string(expected("the container's name", containerHint)),
    v.check(
      (text) => /^(?=.{3,63}$)[a-z\d]+(?:-[a-z\d]+)*$/.test(text),
      expected('3 to 63 small letters, digits and single -', containerHint, asName),
    ),
  ),
  key: v.optional(secretsOf('key', accountKey)),
  delegation: v.optional(secretsOf('delegation', delegationKey)),
  ...storeEntries,
  parameters: parameters(isSasParameter),
} satisfies Record<keyof AzureBlobOptions, v.GenericSchema>;

/** @throws ImageSignerError INVALID_OPTION */
export function readAzureBlobOptions(options: AzureBlobOptions): AzureBlobConfiguration {
  const { url: endpoints, key, delegation, ...rest } = readSchemeOptions('azureBlob', entries, options);
  if (key !== undefined && delegation !== undefined)
    throw invalidOption('delegation', 'expected `key` or `delegation`, got both. A URL has one signature.');
  const secrets = key ?? delegation;
  if (secrets === undefined)
    throw invalidOption(
      'key',
      `expected an account key, got ${describeSecret(undefined)}. ${whereKeysAre} If it comes from the environment, is the variable set? Without one, \`delegation\` gets user delegation keys.`,
    );
  for (const endpoint of endpoints) {
    const mistake = endpointMistake(endpoint, rest.account, rest.container);
    if (mistake !== undefined) throw invalidOption(mistake.option, mistake.message);
  }
  const bases = endpoints.map(({ text, authority, path }) => ({
    text: `${text}/${rest.container}`,
    authority,
    path: `${path}/${rest.container}`,
  }));
  return { ...rest, bases, secrets };
}

interface EndpointMistake {
  readonly option: 'url' | 'account';
  readonly message: string;
}

/** A host that is not Azure's is not judged. */
function endpointMistake(
  { text, authority = '', path }: Base,
  account: string,
  container: string,
): EndpointMistake | undefined {
  if (path.endsWith(`/${container}`))
    return {
      option: 'url',
      message: `expected the endpoint without the container, got ${describe(text, asBase)}. \`container\` names it: take it off the URL.`,
    };
  const [, owner, service] =
    /^([a-z\d-]+)\.(?:z\d+\.)?([a-z]+)\.(?:core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net)$/.exec(
      authority,
    ) ?? [];
  if (owner === undefined) return undefined;
  if (service !== 'blob')
    return {
      option: 'url',
      message: `expected the Blob endpoint, such as 'https://${account}.blob.core.windows.net', got that of another service.`,
    };
  if (path !== '')
    return {
      option: 'url',
      message: `expected the endpoint alone, got ${describe(text, asBase)}. \`container\` names the container, and \`prefixes\` folders in it.`,
    };
  return owner.replace(/-secondary$/, '') === account
    ? undefined
    : {
        option: 'account',
        message: `expected ${describe(owner, asName)}, as in the url, got ${describe(account, asName)}. Azure refuses a signature for another account.`,
      };
}
