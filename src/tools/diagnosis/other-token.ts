/** Names the kind of a token that another version or another store has made, by the names of its parameters. */
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
  { names: ['x-goog-signature'], what: 'Google Cloud Storage, signature version 4' },
  { names: ['x-amz-signature'], what: 'AWS signature version 4', scheme: 's3' },
  { names: ['key-pair-id', 'signature'], what: 'CloudFront', scheme: 'cloudfront' },
  { names: ['keyname', 'signature'], what: 'Google Cloud CDN', scheme: 'google-cdn' },
  { names: ['sv', 'sig'], what: 'Azure, a shared access signature' },
];

/**
 * @param scheme - the name of the scheme that the URL belongs to
 * @returns undefined if the query holds no token that is known, other than one of the scheme's own kind
 */
export function otherTokenIn(url: string, scheme: string): string | undefined {
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const names = new Set(query.split('&').map((each) => percentDecode(each.split('=', 1)[0]!).toLowerCase()));
  return kinds.find((kind) => kind.scheme !== scheme && kind.names.every((name) => names.has(name)))?.what;
}
