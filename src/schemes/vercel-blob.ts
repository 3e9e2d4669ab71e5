/** `vercelBlob`: private Vercel blobs, signed with a delegation that the store issues once for many URLs. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { expectedSecret } from '../validation/message.ts';
import { isRecord, type Schema, secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { normalSpelling } from './normal-spelling.ts';
import { absoluteUrl, parameters, type QueryOptions, readSchemeOptions, storeEntries } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { type HeldSecret, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The result of Vercel's `POST /signed-token`, and of `issueSignedToken` of `@vercel/blob`. */
export interface VercelDelegation {
  /** Contains what is allowed, and until when. It is part of every URL. */
  readonly delegationToken: string;
  /** The key of the signatures. */
  readonly clientSigningToken: string;
  /** In Unix milliseconds. No URL is valid for longer. */
  readonly validUntil: number;
}

/** The options of `vercelBlob`. */
export interface VercelBlobOptions extends QueryOptions {
  /** The store's address, or a list: `https://<store id>.private.blob.vercel-storage.com`. */
  readonly url: string | readonly string[];
  /**
   * A delegation that allows `get` for all pathnames, for at most seven days; a list, of which the first signs; or a function
   * that requests one from the store. The function is called again halfway through the delegation's life.
   */
  readonly delegation:
    | VercelDelegation
    | readonly VercelDelegation[]
    | (() =>
        | VercelDelegation
        | readonly VercelDelegation[]
        | PromiseLike<VercelDelegation | readonly VercelDelegation[]>)
    | undefined;
}

interface Delegation extends HeldSecret {
  readonly key: Secret;
  readonly token: string;
  /** In Unix milliseconds. */
  readonly validUntil: number;
}

/** In seconds. @see Vercel, "Vercel Signed URLs": at most seven days */
const longestLife = 604_800;

const callHint =
  "Return the result of issueSignedToken({ pathname: '*', operations: ['get'] }) of @vercel/blob.";

const delegation: Schema<Delegation> = v.pipe(
  v.object(
    {
      delegationToken: secretText('a delegation token', callHint, (text) =>
        /^[\w-]+(?:\.[\w-]+)+$/.test(text),
      ),
      clientSigningToken: secretText('the key of a delegation', callHint),
      validUntil: v.custom<number>(
        // An earlier time than 2001 is in seconds.
        (input) => Number.isSafeInteger(input) && (input as number) > 1e12,
        expectedSecret('Unix milliseconds, as Date.now() returns them', callHint),
      ),
    },
    expectedSecret('{ delegationToken, clientSigningToken, validUntil }', callHint),
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const mistake = dataset.typed && mistakeOf(dataset.value);
    if (mistake) addIssue({ message: `expected ${mistake}. ${callHint}` });
  }),
  v.transform(({ delegationToken: token, clientSigningToken, validUntil }) => {
    const key = new Secret(clientSigningToken);
    const { fingerprint } = new Secret(`${token} ${key.fingerprint}`);
    return { key, token, validUntil, endsAt: Math.floor(validUntil / 1000), fingerprint };
  }),
);

/**
 * Why the store would refuse all or most URLs, according to the token: it is JSON up to the dot, and then the store's
 * signature, which only the store can verify.
 */
function mistakeOf({ delegationToken, validUntil }: VercelDelegation): string | undefined {
  let scope: unknown;
  try {
    scope = JSON.parse(Buffer.from(delegationToken.split('.', 1)[0]!, 'base64url').toString());
  } catch {}
  if (!isRecord(scope)) return 'a delegation token that contains its scope, got another text';
  const { operations, pathname, validUntil: end } = scope;
  if (!Array.isArray(operations) || !operations.includes('get'))
    return "a delegation that allows 'get', got one for other operations";
  if (typeof pathname === 'string' && pathname !== '' && pathname !== '*')
    return 'a delegation for all pathnames, got one for a single blob, which would refuse every other image';
  return end === validUntil
    ? undefined
    : 'the `validUntil` of the delegation token, got another one: all three members must come from one call';
}

const entries = {
  url: absoluteUrl,
  delegation: secretsOf('delegation', delegation),
  ...storeEntries,
  parameters: parameters(isToken),
} satisfies Record<keyof VercelBlobOptions, v.GenericSchema>;

/**
 * Blobs of a private Vercel Blob store. The store issues a delegation for at most seven days, and all URLs are signed with it
 * without further requests: an HMAC-SHA256 over the operation, the pathname and the end. No URL outlives its delegation.
 *
 * Host and query are not signed: a delegation belongs to one store, and a query can only ask for a download.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Vercel, "Vercel Signed URLs" (https://vercel.com/docs/vercel-blob/vercel-signed-urls)
 * @example
 * ```ts
 * const scheme = vercelBlob({
 *   url: 'https://abcdefgh12345678.private.blob.vercel-storage.com',
 *   delegation: () => issueSignedToken({ pathname: '*', operations: ['get'], validUntil: endOfWeek() }),
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function vercelBlob(options: VercelBlobOptions): Scheme<SchemeImage<'vercel-blob'>> {
  const { url: bases, delegation: secrets, ...given } = readSchemeOptions('vercelBlob', entries, options);
  return createQueryScheme({
    name: 'vercel-blob',
    bases,
    ...given,
    secrets,
    isTokenParameter: isToken,
    readsParameter: () => false,
    longestLife,
    // The decoded name is signed. With one spelling per name, a token belongs to one URL.
    respell: normalSpelling('/'),
    sign({ path }, { exp }, { key, token, validUntil }) {
      // A URL that ends together with the delegation contains no time.
      const end = exp * 1000 < validUntil ? `vercel-blob-valid-until=${exp}000` : undefined;
      const lines = ['operation=get', `pathname=${percentDecode(path.slice(1))}`, ...(end ? [end] : [])];
      const signature = key.mac('sha256', lines.join('\n'), 'base64url');
      return `${end ? `${end}&` : ''}vercel-blob-delegation=${token}&vercel-blob-signature=${signature}`;
    },
    readTerms(url) {
      const end = onlyParameter(url, 'vercel-blob-valid-until');
      if (end !== undefined) return termsOfExpiry(/^(\d+)000$/.exec(end)?.[1]);
      const token = onlyParameter(url, 'vercel-blob-delegation');
      return termsOfExpiry(String(secrets.all().find((each) => each.token === token)?.endsAt));
    },
  });
}

/** Includes those of uploads: the store uses this prefix only for tokens. */
function isToken(name: string): boolean {
  return name.startsWith('vercel-blob-');
}
