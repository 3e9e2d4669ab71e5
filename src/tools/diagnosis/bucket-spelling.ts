/**
 * Recognizes the bucket of a scheme under another name: spelled in the two ways of S3 and Google, with the bucket in the host or in
 * the path, or at another host, under which the site has stored its URLs.
 */
import type { BoundScheme } from '../../schemes/bound.ts';
import type { Base } from '../../url/base.ts';

/** How a URL names a bucket of a scheme in another way than its `url`. */
export interface OtherSpelling {
  /** The beginning of the URL, up to the bucket. */
  readonly written: string;
  /** As the scheme has it. */
  readonly base: string;
  /** Whether `written` may be at another store: then only the option `from` takes it. */
  readonly isElsewhere: boolean;
}

/** @returns undefined unless a base of one of the schemes is the same bucket */
export function otherSpellingOf(url: URL, schemes: readonly BoundScheme[]): OtherSpelling | undefined {
  return spellingAtStore(url, schemes) ?? spellingElsewhere(url, schemes);
}

export function otherSpellingHint({ written, base, isElsewhere }: OtherSpelling): string {
  return isElsewhere
    ? `${written} ends like ${base}: if these images were stored under it, add it to \`from\` of the scheme.`
    : `${written} is the bucket of ${base} in another spelling: add it to \`url\` of the scheme, which takes a list, or write the URL as ${base}/….`;
}

function spellingAtStore(url: URL, schemes: readonly BoundScheme[]): OtherSpelling | undefined {
  const bucket = bucketOf(url);
  if (bucket === undefined) return undefined;
  for (const { bases } of schemes) {
    for (const { text } of bases) {
      if (!URL.canParse(text)) continue; // a path
      const known = bucketOf(new URL(text));
      if (known?.name === bucket.name && known.store === bucket.store && known.written !== bucket.written)
        return { written: bucket.written, base: text, isElsewhere: false };
    }
  }
  return undefined;
}

/** Only if the rest of the URL is an image below the base: a folder may be called like a bucket. */
function spellingElsewhere(url: URL, schemes: readonly BoundScheme[]): OtherSpelling | undefined {
  const { origin, pathname } = url;
  for (const scheme of schemes) {
    const name = bucketName(scheme.firstBase);
    if (name === undefined) continue;
    const end = pathname.indexOf(`/${name}/`) + 1 + name.length;
    const folder = pathname.slice(0, end);
    // Anything stranger would be a stranger's text in the hint.
    if (end <= name.length || !/^[\w./~-]{1,120}$/.test(folder)) continue;
    if (typeof scheme.resolve(scheme.firstBase.text + pathname.slice(end)) === 'object')
      return { written: origin + folder, base: scheme.firstBase.text, isElsewhere: true };
  }
  return undefined;
}

/** The last segment of the path, or the first label of a host that is the bucket's own. */
function bucketName({ text, path }: Base): string | undefined {
  if (path !== '') return path.slice(path.lastIndexOf('/') + 1);
  return URL.canParse(text) ? bucketOf(new URL(text))?.name : undefined;
}

interface Bucket {
  readonly store: 'aws' | 'google';
  readonly name: string;
  readonly written: string;
}

function bucketOf(url: URL): Bucket | undefined {
  return bucketAtAws(url) ?? bucketAtGoogle(url);
}

/** Names of buckets are unique among all regions: the endpoint need not be compared. */
function bucketAtAws({ host, pathname }: URL): Bucket | undefined {
  if (!/\.amazonaws\.com(?:\.cn)?$/.test(host)) return undefined;
  const labels = host.split('.');
  // The name of a bucket may itself hold a label such as `s3`: the endpoint is the last one.
  const at = labels.findLastIndex((label) => /^s3(?:-[a-z\d-]+)?$/.test(label));
  if (at < 0) return undefined;
  if (at > 0) return { store: 'aws', name: labels.slice(0, at).join('.'), written: `https://${host}` };
  return bucketInPath('aws', host, pathname);
}

function bucketAtGoogle({ host, pathname }: URL): Bucket | undefined {
  if (host === 'storage.googleapis.com') return bucketInPath('google', host, pathname);
  const [, name] = /^(.+)\.storage\.googleapis\.com$/.exec(host) ?? [];
  return name === undefined ? undefined : { store: 'google', name, written: `https://${host}` };
}

function bucketInPath(store: Bucket['store'], host: string, pathname: string): Bucket | undefined {
  const [, name = ''] = pathname.split('/', 2);
  // A longer or stranger name is no bucket's, and would be a stranger's text in the hint.
  return /^[a-z\d][a-z\d._-]{1,62}$/.test(name)
    ? { store, name, written: `https://${host}/${name}` }
    : undefined;
}
