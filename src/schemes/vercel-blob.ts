/** `vercelBlob`: private blobs of Vercel, signed with a delegation that the store gives once for many URLs. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { expectedSecret } from '../validation/message.ts';
import { isRecord, type Schema, secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { normalSpelling } from './normal-spelling.ts';
import { absoluteUrl, parameters, readSchemeOptions, type StoreOptions, storeEntries } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { type HeldSecret, secretsOf } from './secrets.ts';
import { onlyParameter, withoutParameters } from './url-parts.ts';
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
export interface VercelBlobOptions extends StoreOptions {
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
  /**
   * Parameters of a URL that stay, by name. Vercel signs none: whoever has a URL may add some. All others are taken off, so
   * that no comment makes a download of an image (`download=1`), or goes past the cache (`cache=0`).
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
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
      delegationToken: v.pipe(
        secretText('the token of a delegation', callHint),
        v.check((text) => /^[\w-]+(?:\.[\w-]+)+$/.test(text), expectedSecret('a delegation token', callHint)),
      ),
      clientSigningToken: secretText('the key of a delegation', callHint),
      validUntil: v.custom<number>(
        // Before 2001 it would be: seconds were given.
        (input) => Number.isSafeInteger(input) && (input as number) > 1e12,
        expectedSecret(
          'Unix milliseconds',
          `${callHint} Its validUntil is a number, such as Date.now() gives.`,
        ),
      ),
    },
    expectedSecret('{ delegationToken, clientSigningToken, validUntil }', callHint),
  ),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const mistake = mistakeOf(scopeOf(value.delegationToken), value.validUntil);
    if (mistake !== undefined) {
      addIssue({ message: mistake });
      return NEVER;
    }
    const key = new Secret(value.clientSigningToken);
    return {
      key,
      token: value.delegationToken,
      validUntil: value.validUntil,
      endsAt: Math.floor(value.validUntil / 1000),
      fingerprint: new Secret(`${value.delegationToken} ${key.fingerprint}`).fingerprint,
    };
  }),
);

/** What a delegation token says of itself: JSON up to the dot, then the store's signature, which the store alone verifies. */
function scopeOf(token: string): Record<string, unknown> | undefined {
  const [scope = ''] = token.split('.');
  try {
    const read: unknown = JSON.parse(Buffer.from(scope, 'base64url').toString());
    return isRecord(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Why the store would refuse every URL, or most of them. */
function mistakeOf(scope: Record<string, unknown> | undefined, validUntil: number): string | undefined {
  if (scope === undefined)
    return `expected a delegation token that says its scope, got another text. ${callHint}`;
  const { operations, pathname, validUntil: end } = scope;
  if (!Array.isArray(operations) || !operations.includes('get'))
    return `expected a delegation that allows 'get', got one for other operations. ${callHint}`;
  if (typeof pathname === 'string' && pathname !== '' && pathname !== '*')
    return `expected a delegation for all pathnames, got one for a single blob: every other image would be refused. ${callHint}`;
  if (end !== validUntil)
    return `expected the \`validUntil\` that the delegation token says, got another one. Return the three as they came, of one call.`;
  return undefined;
}

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
  const entries = {
    url: absoluteUrl,
    delegation: secretsOf('delegation', delegation),
    ...storeEntries,
    parameters: parameters(isToken),
  } satisfies Record<keyof VercelBlobOptions, v.GenericSchema>;
  const {
    url: bases,
    delegation: secrets,
    parameters: kept,
    ...given
  } = readSchemeOptions('vercelBlob', entries, options);
  return createQueryScheme({
    name: 'vercel-blob',
    bases,
    ...given,
    secrets,
    settings: [kept],
    isTokenParameter: isToken,
    signsParameter: (name) => kept.includes(name),
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
      const token = onlyParameter(url, 'vercel-blob-delegation');
      const end = onlyParameter(url, 'vercel-blob-valid-until');
      if (withoutParameters(url, isToken) === url) return 'missing';
      return end === undefined
        ? termsOfExpiry(
            secrets
              .all()
              .find((each) => each.token === token)
              ?.endsAt.toString(),
          )
        : termsOfExpiry(/^(\d+)000$/.exec(end)?.[1]);
    },
  });
}

/** Those of uploads as well: the store gives none of them another meaning. */
function isToken(name: string): boolean {
  return name.startsWith('vercel-blob-');
}
