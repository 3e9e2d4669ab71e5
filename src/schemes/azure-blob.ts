/** `azureBlob`: shared access signatures (SAS) of Azure Blob Storage. */
import { percentDecode } from '../url/percent-encoding.ts';
import { type AzureBlobOptions, isSasParameter, readAzureBlobOptions } from './azure-blob-options.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { createQueryScheme } from './query-scheme.ts';
import { onlyParameter, withoutParameters } from './url-parts.ts';
import { type TokenTerms, termsOfExpiry } from './verify-by-signing.ts';

/**
 * The first version of the service whose signed text has these lines. Later ones add lines to that of a user delegation key,
 * and older servers refuse them.
 */
const version = '2020-12-06';

/**
 * Service SAS of Azure Blob Storage, by an account key or by a user delegation key: each opens one blob for reading. For a
 * `url` that begins with `https:` it is valid over TLS alone.
 *
 * No time from which it is valid is written, so that a clock that is behind Azure's makes no difference. A user delegation key
 * lives for seven days at most, and no URL outlives it.
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
  const { bases, from, prefixes, account, container, secrets, parameters } = readAzureBlobOptions(options);
  const signed = new Set(parameters);
  const overHttp = new Set(
    bases.filter(({ text }) => !/^https:/i.test(text)).map(({ authority = '' }) => authority),
  );
  return createQueryScheme({
    name: 'azure-blob',
    bases,
    from,
    prefixes,
    secrets,
    settings: [account, container, parameters],
    isTokenParameter: isSasParameter,
    signsParameter: (name) => signed.has(name),
    respell,
    encodeSegment,
    sign({ origin, id }, { exp }, { key, lines, query, endsAt }) {
      const end = `${new Date(Math.min(exp, endsAt) * 1000).toISOString().slice(0, 19)}Z`;
      const protocol = overHttp.has(origin.slice(origin.indexOf('//') + 2)) ? '' : 'https';
      // Decoded values, a line each; those that are empty are of parameters that the token does not have.
      const text = `r\n\n${end}\n/blob/${account}/${container}/${id}\n${lines}\n\n${protocol}\n${version}\nb\n\n\n\n\n\n\n`;
      const signature = encodeURIComponent(key.mac('sha256', text, 'base64'));
      const scheme = protocol === '' ? '' : '&spr=https';
      return `sv=${version}${scheme}&se=${end.replaceAll(':', '%3A')}${query}&sr=b&sp=r&sig=${signature}`;
    },
    readTerms,
    readsParameter: () => false,
  });
}

function readTerms(url: string): TokenTerms {
  if (withoutParameters(url, (name) => name.toLowerCase() === 'sig') === url) return 'missing';
  const end = /^(\d{4}-\d\d-\d\dT\d\d)%3A(\d\d)%3A(\d\dZ)$/.exec(onlyParameter(url, 'se') ?? '');
  // A day such as February 31 is none, or becomes another one, which does not have this signature.
  return termsOfExpiry(end ? String(Date.parse(end.slice(1).join(':')) / 1000) : undefined);
}

/** As the SDK spells a name: Azure decodes a path once, whatever its spelling is. */
function respell(path: string): string {
  return /^[\w./~-]*$/.test(path) ? path : percentDecode(path).split('/').map(encodeSegment).join('/');
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}
