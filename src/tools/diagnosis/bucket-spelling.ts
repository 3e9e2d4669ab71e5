/** Recognizes a bucket of S3 by the two ways to write its URL: with the bucket in the host, or in the path. */
import type { BoundScheme } from '../../schemes/bound.ts';

/** What tells that a URL names a bucket of a scheme in another spelling than its `url`. */
export interface OtherSpelling {
  /** As the URL spells the bucket, for the option `url`. */
  readonly written: string;
  /** As the scheme has it. */
  readonly base: string;
}

/** @returns undefined unless a base of one of the schemes is the same bucket */
export function otherSpellingOf(url: URL, schemes: readonly BoundScheme[]): OtherSpelling | undefined {
  const bucket = bucketOf(url);
  if (bucket === undefined) return undefined;
  for (const { bases } of schemes) {
    for (const { text } of bases) {
      if (!URL.canParse(text)) continue; // a path
      const known = bucketOf(new URL(text));
      if (known?.name === bucket.name && known.written !== bucket.written)
        return { written: bucket.written, base: text };
    }
  }
  return undefined;
}

export function otherSpellingHint({ written, base }: OtherSpelling): string {
  return `${written} is the bucket of ${base} in another spelling: add it to \`url\` of the scheme, which takes a list, or write the URL as ${base}/….`;
}

/** Names of buckets are unique among all regions: the endpoint need not be compared. */
function bucketOf({ host, pathname }: URL): { readonly name: string; readonly written: string } | undefined {
  if (!/\.amazonaws\.com(?:\.cn)?$/.test(host)) return undefined;
  const labels = host.split('.');
  // The name of a bucket may itself hold a label such as `s3`: the endpoint is the last one.
  const at = labels.findLastIndex((label) => /^s3(?:-[a-z\d-]+)?$/.test(label));
  if (at < 0) return undefined;
  if (at > 0) return { name: labels.slice(0, at).join('.'), written: `https://${host}` };
  const [, name = ''] = pathname.split('/', 2);
  // A longer or stranger name is no bucket's, and would be a stranger's text in the hint.
  return /^[a-z\d][a-z\d._-]{1,62}$/.test(name) ? { name, written: `https://${host}/${name}` } : undefined;
}
