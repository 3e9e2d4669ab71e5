/** Knows the tokens of stores and of their older versions by the names of their parameters. It verifies none. */
import { percentDecode } from '../../url/percent-encoding.ts';

interface TokenKind {
  /** The parameters that only this kind has: each of them in the query. */
  readonly names: readonly string[];
  readonly what: string;
  /** The scheme that makes it. */
  readonly scheme?: string;
}

/** The more special before the more general. Names are compared without case, as some stores do. */
const kinds: readonly TokenKind[] = [
  { names: ['awsaccesskeyid', 'signature'], what: 'AWS signature version 2' },
  { names: ['googleaccessid', 'signature'], what: 'Google Cloud Storage, signature version 2' },
  { names: ['x-goog-signature'], what: 'Google Cloud Storage, signature version 4', scheme: 'gcs' },
  { names: ['x-amz-signature'], what: 'AWS signature version 4', scheme: 's3' },
  { names: ['key-pair-id', 'signature'], what: 'CloudFront', scheme: 'cloudfront' },
  { names: ['keyname', 'signature'], what: 'Google Cloud CDN', scheme: 'google-cdn' },
  { names: ['md5', 'expires'], what: 'nginx, secure_link', scheme: 'nginx-secure-link' },
  { names: ['__cld_token__'], what: 'Cloudinary, with an expiry', scheme: 'edge-auth' },
  ...['__token__', 'hdnts', 'hdnea', 'hdntl'].map((name) => ({
    names: [name],
    what: 'Akamai, EdgeAuth',
    scheme: 'edge-auth',
  })),
  { names: ['ss', 'srt', 'sig'], what: 'Azure, a shared access signature of the account' },
  { names: ['sv', 'sig'], what: 'Azure, a shared access signature', scheme: 'azure-blob' },
  { names: ['vercel-blob-signature'], what: 'Vercel Blob', scheme: 'vercel-blob' },
  { names: ['keyid', 'expiry', 'signature'], what: 'Sanity', scheme: 'sanity' },
  { names: ['ik-s'], what: 'ImageKit', scheme: 'imagekit' },
  { names: ['policy', 'token'], what: 'Contentful, an embargoed asset', scheme: 'jwt' },
];

/**
 * The kind of a token that another version or another store has made, by the names of its parameters.
 * @param scheme - the name of the scheme that the URL belongs to
 * @returns undefined if the query holds no token that is known, other than one of the scheme's own kind
 */
export function otherTokenIn(url: string, scheme: string): string | undefined {
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const names = new Set(query.split('&').map((each) => percentDecode(each.split('=', 1)[0]!).toLowerCase()));
  return kinds.find((kind) => kind.scheme !== scheme && kind.names.every((name) => names.has(name)))?.what;
}
