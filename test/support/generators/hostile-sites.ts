/** Sites that rewrite hostile pages: what becomes of a value that is the URL of one of their images, and what is wrong. */
import type { Signer } from '../../../src/index.ts';
import { ofMarkup } from '../one-url.ts';
import { readPage } from '../oracles/browser-reading.ts';
import { pageTree } from '../oracles/page-tree.ts';
import { accountHash, id, signerWith } from '../samples.ts';
import { cutAt, rewriteInChunks } from './chunks.ts';
import { bases, siteTargets, storedUnder } from './hostile-places.ts';
import { type HostilePage, heads, storedHeads, textOf } from './hostile-urls.ts';

/** @param places - where the page is cut; undefined leaves out what takes long */
export function treeFault(
  site: Site,
  hostile: HostilePage,
  places: readonly number[] | undefined,
): string | undefined {
  const page = textOf(hostile.parts);
  const bytes = Buffer.from(page);
  const rewritten = Buffer.from(site.signer.rewriteHtml(bytes, siteTargets));
  const out = rewritten.toString();
  if (places !== undefined) {
    const rewriter = site.signer.htmlRewriter(siteTargets);
    if (!rewriteInChunks(rewriter, cutAt(places, bytes)).equals(rewritten))
      return 'in chunks it becomes something else';
  }
  // What a browser reads in all places takes the longest to find out.
  const fault =
    (out === page ? undefined : treesFault(page, out)) ??
    partsFault(site, hostile, out) ??
    (places === undefined
      ? undefined
      : readingFault(site, readPage(page, siteTargets), readPage(out, siteTargets)));
  return fault && `${fault}\n${out}`;
}

function treesFault(page: string, out: string): string | undefined {
  const before = pageTree(page, true);
  // Whether scripts run decides how `noscript` is parsed, and nothing else.
  const hasNoscript = before.some((line) => line.endsWith(' noscript'));
  const fault = linesFault(before, pageTree(out, true));
  if (fault !== undefined) return `with scripts the tree changes: ${fault}`;
  const faultWithout = hasNoscript && linesFault(pageTree(page, false), pageTree(out, false));
  return faultWithout ? `without scripts the tree changes: ${faultWithout}` : undefined;
}

/** A site, and what becomes of a value that is the URL of one of its images. */
export interface Site {
  readonly signer: Signer;
  /** Private images go out without a token, and so all of them. */
  readonly onlyStrips: boolean;
  /** Most of its images are stored under another base. */
  readonly hasMoved: boolean;
  /** What the URLs of its images begin with. */
  readonly heads: readonly string[];
  expected(url: string): string;
}

const shared = { delivery: bases, accountHash };
const [open, closed, blurred, own] = [
  signerWith(shared),
  signerWith({ ...shared, authorize: () => false }),
  signerWith({ ...shared, authorize: () => false, deniedVariant: 'preview' }),
  signerWith({ ...shared, authorize: (image) => image.id === id, deniedVariant: 'preview' }),
];

const moved = { ...shared, from: [...Object.values(storedUnder)] };
const [movedOpen, movedClosed] = [signerWith(moved), signerWith({ ...moved, authorize: () => false })];

export const sites: readonly Site[] = [
  { signer: closed, onlyStrips: true, hasMoved: false, heads, expected: withoutToken },
  { signer: open, onlyStrips: false, hasMoved: false, heads, expected: signed },
  {
    signer: blurred,
    onlyStrips: false,
    hasMoved: false,
    heads,
    expected: (url) => inPreview(withoutToken(url)),
  },
  {
    signer: own,
    onlyStrips: false,
    hasMoved: false,
    heads,
    expected: (url) => (url.includes(`/${id}/`) ? signed(url) : inPreview(withoutToken(url))),
  },
  {
    signer: movedOpen,
    onlyStrips: false,
    hasMoved: true,
    heads: storedHeads,
    expected: (url) => signed(renamed(url)),
  },
  {
    signer: movedClosed,
    onlyStrips: false,
    hasMoved: true,
    heads: storedHeads,
    expected: (url) => withoutToken(renamed(url)),
  },
];

const { host, path, withToken } = storedUnder;
const storedBases: readonly string[] = [
  ...['http:', 'https:', ''].map((scheme) => host.replace('http:', scheme)),
  path,
  withToken.base,
];

/** Under the base that the images are delivered from today, and without the tokens of the one before. */
function renamed(url: string): string {
  const base = storedBases.find((each) => url.startsWith(`${each}/`));
  if (base === undefined) return url;
  const rest = url.slice(base.length);
  return bases[0] + (base === withToken.base ? withoutParameters(rest, withToken.token) : rest);
}

/** By the URL standard's own hands, and parameter by parameter. */
function withoutToken(url: string): string {
  return withoutParameters(url, ['exp', 'sig']);
}

function withoutParameters(url: string, names: readonly string[]): string {
  const [, head = '', query, fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/su.exec(url)!;
  const all = query?.split('&') ?? [];
  const kept = all.filter((each) => !names.includes([...new URLSearchParams(each).keys()][0] ?? ''));
  if (kept.length === all.length) return url;
  return head + (kept.length > 0 ? `?${kept.join('&')}` : '') + fragment;
}

function inPreview(url: string): string {
  return url.replace(/[^/?#]*(?=\?|#|$)/u, 'preview');
}

function signed(url: string): string {
  if (/^[^?#]*\/preview(?:[?#]|$)/u.test(url)) return withoutToken(url);
  const [, head = '', path = '', query = ''] = /^((?:https?:)?\/\/[^/]+)?([^?#]*)([^#]*)/u.exec(url)!;
  // In a page `URL` may still have something to write in the path.
  const { ok } = open.verifyImage(head + new URL(`https://host${path}?`).pathname + query);
  return ok ? url : open.signImage(url);
}

/** What becomes of a value, which need not be a URL of an image. */
export function expectedOf(site: Site, value: string): string {
  try {
    (site.hasMoved ? movedOpen : open).signImage(value);
  } catch {
    return value;
  }
  return value.includes('/') ? site.expected(value) : value;
}

/** What would be taken off the end of a candidate, or trimmed, is percent-encoded. */
function comparable(value: string): string {
  return value.replace(/,$/, '%2C').replace(/\|$/, '%7C').replace(/ $/, '%20');
}

/** @param before, after - the values that are read as URLs */
export function readingFault(
  site: Site,
  before: readonly string[],
  after: readonly string[],
): string | undefined {
  for (const [index, value] of before.entries()) {
    const inScript = ofMarkup(value);
    if (inScript !== undefined && after[index] === value) continue;
    const wanted = expectedOf(site, inScript ?? value);
    if (comparable(wanted) !== comparable(ofMarkup(after[index] ?? '') ?? after[index] ?? ''))
      return `a browser reads ${JSON.stringify(after[index])}, and not ${JSON.stringify(wanted)}`;
  }
  return before.length === after.length ? undefined : 'a browser reads other values';
}

/** Whether what is around the URLs is there to the letter, and of the URLs what stays. */
export function partsFault(site: Site, { parts, isClosed }: HostilePage, out: string): string | undefined {
  // A reference without its semicolon is spelled in another way where a base is put right behind it.
  if (site.hasMoved && !isClosed) return undefined;
  let at = 0;
  for (const [index, { text, role }] of parts.entries()) {
    if (role !== 'around') continue;
    const found = out.indexOf(text, at);
    if (found < 0 || (index === 0 && found > 0)) return `what is around a URL changes: ${text}`;
    at = found + text.length;
  }
  if (!out.endsWith(parts.at(-1)!.text)) return 'the end of the page changes';
  if (!isClosed || !site.onlyStrips) return undefined;
  const wanted = textOf(parts.filter(({ role }) => role !== 'goes'));
  return out === wanted ? undefined : `more than the token goes, wanted:\n${wanted}`;
}

/** @returns the first line that differs */
export function linesFault(before: readonly string[], after: readonly string[]): string | undefined {
  const at = before.findIndex((line, index) => line !== after[index]);
  if (at >= 0) return `${before[at]} became ${after[at]}`;
  return before.length === after.length ? undefined : `there is more: ${after[before.length]}`;
}
