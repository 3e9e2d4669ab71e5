/** Holds one hostile page against what a rewrite may do: it says what is wrong, or nothing. */
import type { Signer } from '../../src/index.ts';
import { readPage } from './browser-reading.ts';
import { cutAt, rewriteInChunks } from './chunks.ts';
import { attributes, bases, customProperties, type HostilePage, textOf } from './hostile-urls.ts';
import { pageTree } from './page-tree.ts';
import { accountHash, id, signerWith } from './samples.ts';

/** A site, and what becomes of a value that is the URL of one of its images. */
export interface Site {
  readonly signer: Signer;
  /** Private images go out without a token, and so all of them. */
  readonly onlyStrips: boolean;
  expected(url: string): string;
}

const shared = { delivery: bases, accountHash };
const [open, closed, blurred, own] = [
  signerWith(shared),
  signerWith({ ...shared, authorize: () => false }),
  signerWith({ ...shared, authorize: () => false, deniedVariant: 'preview' }),
  signerWith({ ...shared, authorize: (image) => image.id === id, deniedVariant: 'preview' }),
];

export const sites: readonly Site[] = [
  { signer: closed, onlyStrips: true, expected: withoutToken },
  { signer: open, onlyStrips: false, expected: signed },
  {
    signer: blurred,
    onlyStrips: false,
    expected: (url) => inPreview(withoutToken(url)),
  },
  {
    signer: own,
    onlyStrips: false,
    expected: (url) => (url.includes(`/${id}/`) ? signed(url) : inPreview(withoutToken(url))),
  },
];

/** By the URL standard's own hands, and parameter by parameter. */
function withoutToken(url: string): string {
  const [, head = '', query, fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/su.exec(url)!;
  const all = query?.split('&') ?? [];
  const kept = all.filter((each) => !['exp', 'sig'].includes([...new URLSearchParams(each).keys()][0] ?? ''));
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
    open.signImage(value);
  } catch {
    return value;
  }
  return value.includes('/') ? site.expected(value) : value;
}

/** What would be taken off the end of a candidate, or trimmed, is percent-encoded. */
function comparable(value: string): string {
  return value.replace(/,$/, '%2C').replace(/\|$/, '%7C').replace(/ $/, '%20');
}

/** @param places - where the page is cut; undefined leaves out what takes long */
export function treeFault(
  site: Site,
  { parts, isClosed }: HostilePage,
  places: readonly number[] | undefined,
): string | undefined {
  const page = textOf(parts);
  const bytes = Buffer.from(page);
  const rewritten = Buffer.from(site.signer.rewriteHtml(bytes, { attributes, customProperties }));
  const out = rewritten.toString();
  if (places !== undefined) {
    const rewriter = site.signer.htmlRewriter({ attributes, customProperties });
    if (!rewriteInChunks(rewriter, cutAt(places, bytes)).equals(rewritten))
      return 'in chunks it becomes something else';
  }
  if (out !== page) {
    for (const scripting of [true, false]) {
      const [before, after] = [pageTree(page, scripting), pageTree(out, scripting)];
      const at = before.findIndex((line, index) => line !== after[index]);
      if (at >= 0 || before.length !== after.length)
        return `with${scripting ? '' : 'out'} scripts the tree changes: ${before[at]} became ${after[at]}\n${out}`;
    }
  }
  let at = 0;
  for (const [index, { text, role }] of parts.entries()) {
    if (role !== 'around') continue;
    const found = out.indexOf(text, at);
    if (found < 0 || (index === 0 && found > 0)) return `what is around a URL changes: ${text}\n${out}`;
    at = found + text.length;
  }
  if (!out.endsWith(parts.at(-1)!.text)) return `the end of the page changes\n${out}`;
  if (isClosed && site.onlyStrips) {
    const wanted = textOf(parts.filter(({ role }) => role !== 'goes'));
    if (out !== wanted) return `more than the token goes:\n${out}\nwanted:\n${wanted}`;
  }
  // What a browser reads in all places takes the longest to find out.
  if (places === undefined) return undefined;
  const wanted = readPage(page, attributes, customProperties).map((value) => expectedOf(site, value));
  const values = readPage(out, attributes, customProperties);
  for (const [index, value] of wanted.entries()) {
    if (comparable(value) !== comparable(values[index] ?? ''))
      return `a browser reads ${JSON.stringify(values[index])}, and not ${JSON.stringify(value)}\n${out}`;
  }
  return wanted.length === values.length ? undefined : `a browser reads other values\n${out}`;
}
