/** Holds one hostile page against what a rewrite may do: it says what is wrong, or nothing. */
import { readPage } from './browser-reading.ts';
import { cutAt, rewriteInChunks } from './chunks.ts';
import { siteTargets } from './hostile-places.ts';
import { linesFault, partsFault, readingFault, type Site } from './hostile-sites.ts';
import { type HostilePage, textOf } from './hostile-urls.ts';
import { pageTree } from './page-tree.ts';

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
