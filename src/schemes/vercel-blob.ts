/** `vercelBlob`: private blobs of Vercel, signed with a delegation that the store gives once for many URLs. */
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

/** What Vercel's `POST /signed-token` gives, and `issueSignedToken` of `@vercel/blob`. */
export interface VercelDelegation {
  /** Says what may be done, until when, and is part of every URL. */
  readonly delegationToken: string;
  /** The key of the signatures. */
  readonly clientSigningToken: string;
  /** In Unix milliseconds: no URL is valid for longer. */
  readonly validUntil: number;
}

/** The options of `vercelBlob`. */
export interface VercelBlobOptions extends QueryOptions {
  /** The store's address, or a list: `https://<store id>.private.blob.vercel-storage.com`. */
  readonly url: string | readonly string[];
  /**
   * A delegation that allows `get` for all pathnames, for seven days at most: a function that gets one of the store, one, or
   * a list, of which the first signs. A function is asked again after half of the delegation's life.
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

/** In seconds. @see Vercel, "Vercel Signed URLs": seven days at most */
const longestLife = 604_800;

const callHint =
  "Return what issueSignedToken({ pathname: '*', operations: ['get'] }) of @vercel/blob gives.";

const delegation: Schema<Delegation> = v.pipe(
  v.object(
    {
      delegationToken: secretText('a delegation token', callHint, (text) =>
        /^[\w-]+(?:\.[\w-]+)+$/.test(text),
      ),
      clientSigningToken: secretText('the key of a delegation', callHint),
      validUntil: v.custom<number>(
        // Before 2001 it would be: seconds were given.
        (input) => Number.isSafeInteger(input) && (input as number) > 1e12,
        expectedSecret('Unix milliseconds, such as Date.now() gives', callHint),
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
 * Why the store would refuse every URL, or most of them, by what the token says of itself: JSON up to the dot, then the
 * store's signature, which the store alone verifies.
 */
function mistakeOf({ delegationToken, validUntil }: VercelDelegation): string | undefined {
  let scope: unknown;
  try {
    scope = JSON.parse(Buffer.from(delegationToken.split('.', 1)[0]!, 'base64url').toString());
  } catch {}
  if (!isRecord(scope)) return 'a delegation token that says its scope, got another text';
  const { operations, pathname, validUntil: end } = scope;
  if (!Array.isArray(operations) || !operations.includes('get'))
    return "a delegation that allows 'get', got one for other operations";
  if (typeof pathname === 'string' && pathname !== '' && pathname !== '*')
    return 'a delegation for all pathnames, got one for a single blob: every other image would be refused';
  return end === validUntil
    ? undefined
    : 'the `validUntil` that the delegation token says, got another one: the three are of one call';
}

const entries = {
  url: absoluteUrl,
  delegation: secretsOf('delegation', delegation),
  ...storeEntries,
  parameters: parameters(isToken),
} satisfies Record<keyof VercelBlobOptions, v.GenericSchema>;

/**
 * Private blobs of a Vercel Blob store. The store gives a delegation, for seven days at most, and with that every URL is
 * signed without a request: an HMAC-SHA256 of the operation, the pathname and the end. No URL outlives its delegation.
 *
 * The signature covers no host and no query: a delegation is of one store, and a query asks for nothing but a download.
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
    // The decoded name is signed: in one spelling a token belongs to one URL.
    respell: normalSpelling('/'),
    sign({ path }, { exp }, { key, token, validUntil }) {
      // A URL that ends with the delegation does not say when.
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

/** Those of uploads as well: the store gives none of them another meaning. */
function isToken(name: string): boolean {
  return name.startsWith('vercel-blob-');
}
