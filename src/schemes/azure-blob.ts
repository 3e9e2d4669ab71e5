/**
 * `azureBlob`: shared access signatures (SAS) of Azure Blob Storage.
 * Longer than most files: it documents its options, and reads two kinds of keys.
 */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import type { Base } from '../url/base.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { asBase, asName, describe, expected, expectedSecret, invalidOption } from '../validation/message.ts';
import { type Schema, secretText, textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { parameters, type QueryOptions, readSchemeOptions, storeEntries, url } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { dateOf, endOf, type HeldSecret, keyOf, secretOf, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** A user delegation key, as `getUserDelegationKey` of `@azure/storage-blob` returns it. */
export interface AzureDelegationKey {
  /** The object in Entra ID that requested the key. */
  readonly signedObjectId: string;
  /** That object's tenant. */
  readonly signedTenantId: string;
  /** When the key becomes valid. */
  readonly signedStartsOn: Date;
  /** At most seven days later. No URL is valid for longer. */
  readonly signedExpiresOn: Date;
  /** `'b'`: the key is for blobs. */
  readonly signedService: string;
  /** The version of the service that issued the key. */
  readonly signedVersion: string;
  /** It signs, and is never part of a URL. */
  readonly value: string;
}

/** The options of `azureBlob`, with an account key or a user delegation key. */
export interface AzureBlobOptions extends QueryOptions {
  /**
   * The endpoint, without the container, or a list: `https://shopimages.blob.core.windows.net`, your own domain in front of
   * it, or Azurite's `http://127.0.0.1:10000/devstoreaccount1`.
   */
  readonly url: string | readonly string[];
  /** The storage account's name. It is signed, so the endpoint can have another host. */
  readonly account: string;
  /** The container whose blobs are signed. */
  readonly container: string;
  /**
   * An account key; a list, of which the first signs, such as `[key1, key2]`; or a function that returns either.
   * @default none: `delegation` is required
   */
  readonly key?: SecretOption<string> | undefined;
  /**
   * A function that fetches a user delegation key, such as with `getUserDelegationKey` of `@azure/storage-blob`. It is called
   * before the first URL, and again before the key ends.
   * @default none: `key` is required
   */
  readonly delegation?:
    | AzureDelegationKey
    | (() => AzureDelegationKey | PromiseLike<AzureDelegationKey>)
    | undefined;
}

/** A key. A user delegation key also has lines in the signed text, and parameters in the URL, that name its owner. */
interface SasKey extends HeldSecret {
  readonly key: Secret;
  /** The lines of the signed text between the blob and the client's address. */
  readonly lines?: string;
  /** Percent-encoded, each with its `&`. */
  readonly query?: string;
}

const keyHint =
  'The portal shows it under Security + networking, Access keys: 88 characters that end with ==.';

const accountKey = v.pipe(
  secretText('an account key', keyHint),
  v.check(
    (text) => !/AccountKey=|SharedAccessSignature=/i.test(text),
    expectedSecret('an account key, not a connection string', 'Use the part after AccountKey=.'),
  ),
  v.check(
    (text) => !/(?:^|[?&])sig=/.test(text),
    expectedSecret('an account key, not a shared access signature', keyHint),
  ),
  v.check(isBase64, expectedSecret('an account key in base64', keyHint)),
);

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

const delegationHint =
  'Return the result of getUserDelegationKey(startsOn, expiresOn) of @azure/storage-blob.';
const part = (name: string) => textLike(/^[\w-]+$/, `letters, digits and - as ${name}`, delegationHint);
const instant = (name: string) => dateOf(`a valid Date as ${name}`, delegationHint);

const delegationKey: Schema<SasKey> = v.pipe(
  // An Azure client may return more fields than these.
  v.object(
    {
      signedObjectId: part('signedObjectId'),
      signedTenantId: part('signedTenantId'),
      signedStartsOn: instant('signedStartsOn'),
      signedExpiresOn: instant('signedExpiresOn'),
      signedService: v.literal(
        'b',
        expected("'b' as signedService", 'The key is for another service.', asName),
      ),
      signedVersion: part('signedVersion'),
      value: secretText('a key in base64 as `value`', delegationHint, isBase64),
    },
    expectedSecret('a user delegation key', delegationHint),
  ),
  v.transform((given): SasKey => {
    const key = new Secret(Buffer.from(given.value, 'base64'));
    const named = Object.entries({
      skoid: given.signedObjectId,
      sktid: given.signedTenantId,
      skt: timeOf(given.signedStartsOn),
      ske: timeOf(given.signedExpiresOn),
      sks: given.signedService,
      skv: given.signedVersion,
    });
    // Two accounts and a correlation id follow, which are empty in tokens for pages.
    const lines = [...named.map(([, text]) => text), '', '', ''].join('\n');
    const query = named.map(([name, text]) => `&${name}=${encodeURIComponent(text)}`).join('');
    const endsAt = endOf(given.signedExpiresOn);
    return { key, lines, query, endsAt, fingerprint: `${key.fingerprint}${lines}` };
  }),
);

/** Without milliseconds. */
function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The parameters of a SAS of any kind and version. @see Microsoft, "Delegate access by using a shared access signature" */
const sasParameters: ReadonlySet<string> = new Set([
  ...['sv', 'ss', 'srt', 'sr', 'sp', 'st', 'se', 'sip', 'spr', 'si', 'ses', 'sig', 'sdd', 'srh', 'srq'],
  ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'saoid', 'suoid', 'scid', 'sduoid', 'skdutid'],
  ...['rscc', 'rscd', 'rsce', 'rscl', 'rsct'],
]);

const accountHint = "For example, 'shopimages', the first part of its endpoint's host.";
const containerHint = "For example, 'photos'. The portal lists it under Data storage, Containers.";

const entries = {
  url,
  account: textLike(
    /^[a-z\d]{3,24}$/,
    "the storage account's name, 3 to 24 lower-case letters and digits",
    accountHint,
    asName,
  ),
  container: textLike(
    /^(?=.{3,63}$)[a-z\d]+(?:-[a-z\d]+)*$/,
    "the container's name, 3 to 63 lower-case letters, digits and single -",
    containerHint,
    asName,
  ),
  key: v.optional(secretsOf<SasKey>('key', keyOf(secretOf(accountKey, 'base64')))),
  delegation: v.optional(secretsOf('delegation', delegationKey)),
  ...storeEntries,
  parameters: parameters(isToken),
} satisfies Record<keyof AzureBlobOptions, v.GenericSchema>;

/**
 * The first service version whose signed text has these lines. Later versions add lines for user delegation keys, and older
 * servers refuse those.
 */
const version = '2020-12-06';

/**
 * Service SAS for Azure Blob Storage, signed with an account key or a user delegation key. Each allows reading one blob. If
 * `url` begins with `https:`, it is valid only over TLS.
 *
 * A token contains no start time, which would fail while your server's clock is ahead of Azure's. A user delegation key lives
 * for at most seven days, and no URL outlives it.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = azureBlob({
 *   url: 'https://shopimages.blob.core.windows.net',
 *   account: 'shopimages',
 *   container: 'photos',
 *   key: process.env.AZURE_STORAGE_KEY,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 * @see Microsoft, "Create a service SAS" and "Create a user delegation SAS"
 */
export function azureBlob(options: AzureBlobOptions): Scheme<SchemeImage<'azure-blob'>> {
  const { url: endpoints, key, delegation, ...given } = readSchemeOptions('azureBlob', entries, options);
  const { account, container } = given;
  if (key !== undefined && delegation !== undefined)
    throw invalidOption('delegation', 'expected `key` or `delegation`, got both. Leave one of them out.');
  const secrets = key ?? delegation;
  if (secrets === undefined)
    throw invalidOption(
      'key',
      `expected an account key, got undefined. ${keyHint} If it comes from the environment, is the variable set? Without an account key, use \`delegation\`.`,
    );
  for (const endpoint of endpoints) checkEndpoint(endpoint, account, container);
  const overHttp = new Set(
    endpoints.filter(({ text }) => !/^https:/i.test(text)).map(({ authority = '' }) => authority),
  );
  return createQueryScheme({
    name: 'azure-blob',
    ...given,
    bases: endpoints.map(({ text, authority, path }) => ({
      text: `${text}/${container}`,
      authority,
      path: `${path}/${container}`,
    })),
    secrets,
    settings: [account, container],
    isTokenParameter: isToken,
    respell,
    encodeSegment,
    sign({ origin, id }, { exp }, { key: secret, lines = '', query = '', endsAt }) {
      const end = timeOf(new Date(Math.min(exp, endsAt) * 1000));
      const protocol = overHttp.has(origin.slice(origin.indexOf('//') + 2)) ? '' : 'https';
      // One decoded value per line. Empty lines are parameters that the token does not have.
      const text = `r\n\n${end}\n/blob/${account}/${container}/${id}\n${lines}\n\n${protocol}\n${version}\nb\n\n\n\n\n\n\n`;
      const signature = encodeURIComponent(secret.mac('sha256', text, 'base64'));
      const scheme = protocol === '' ? '' : '&spr=https';
      return `sv=${version}${scheme}&se=${end.replaceAll(':', '%3A')}${query}&sr=b&sp=r&sig=${signature}`;
    },
    readTerms(address) {
      const end = /^(\d{4}-\d\d-\d\dT\d\d)%3A(\d\d)%3A(\d\dZ)$/.exec(onlyParameter(address, 'se') ?? '');
      // February 31 is invalid, or becomes another day, which does not have this signature.
      return termsOfExpiry(end ? String(Date.parse(end.slice(1).join(':')) / 1000) : undefined);
    },
    readsParameter: () => false,
  });
}

/** Azure reads names without case. */
function isToken(name: string): boolean {
  return sasParameters.has(name.toLowerCase());
}

/** As the SDK spells a name. Azure decodes a path once, in any spelling. */
function respell(path: string): string {
  return /^[\w./~-]*$/.test(path) ? path : percentDecode(path).split('/').map(encodeSegment).join('/');
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}

/**
 * Finds mistakes for which Azure would refuse every URL. Other hosts are accepted.
 * @throws ImageSignerError INVALID_OPTION
 */
function checkEndpoint({ text, authority = '', path }: Base, account: string, container: string): void {
  if (path.endsWith(`/${container}`))
    throw invalidOption(
      'url',
      `expected the endpoint without the container, got ${describe(text, asBase)}. Write the container only in \`container\`.`,
    );
  const [, owner, service] =
    /^([a-z\d-]+)\.(?:z\d+\.)?([a-z]+)\.(?:core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net)$/.exec(
      authority,
    ) ?? [];
  if (owner === undefined) return;
  if (service !== 'blob')
    throw invalidOption(
      'url',
      `expected the Blob endpoint, such as 'https://${account}.blob.core.windows.net', got another service's endpoint.`,
    );
  if (path !== '')
    throw invalidOption(
      'url',
      `expected the endpoint without a path, got ${describe(text, asBase)}. Write the container in \`container\`, and folders in \`prefixes\`.`,
    );
  if (owner.replace(/-secondary$/, '') !== account)
    throw invalidOption(
      'account',
      `expected ${describe(owner, asName)}, as in \`url\`, got ${describe(account, asName)}. Azure refuses a signature for another account.`,
    );
}
