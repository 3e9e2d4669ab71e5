/**
 * Finds the images of a page that are under none of the bases, and counts them by host: a base that is missing from the
 * options would else look like a page without images. It looks only where a browser loads an image.
 */

import type { Configuration } from '../../options/configuration.ts';
import { LiteralPrefilter } from '../../rewriting/literal-prefilter.ts';
import { maxUrlLength } from '../../text/limits.ts';
import { findSrcsetUrls } from '../../values/urls.ts';
import { otherSpellingHint, otherSpellingOf } from './bucket-spelling.ts';
import { type PagePlace, placesOf } from './page-places.ts';
import { type BodyKind, isImageUrl, textUrlsOf } from './page-urls.ts';

export interface OtherHost {
  /** As `URL` writes it, with a port other than the scheme's own. */
  readonly host: string;
  /** How many different URLs. */
  readonly count: number;
}

export interface OtherImages {
  /** The host of most images first. */
  readonly hosts: readonly OtherHost[];
  /** How to have them signed, where their URLs show it. */
  readonly hint: string | undefined;
}

/** A longer host is a stranger's idea: DNS names have 253 characters at most. */
const maxHostLength = 253;

/** @param page - the address of the page, to resolve its references against */
export function otherImagesOf(
  body: Buffer,
  kind: BodyKind,
  page: string,
  configuration: Configuration,
): OtherImages {
  const { references, base } = kind === 'html' ? referencesIn(body) : { references: [], base: undefined };
  if (kind !== 'html') {
    for (const { url } of textUrlsOf(body, kind)) if (isNamedLikeImage(url)) references.push(url);
  }
  const resolveAgainst = base !== undefined && URL.canParse(base, page) ? new URL(base, page).href : page;
  const counts = new Map<string, number>();
  let hint: string | undefined;
  for (const reference of new Set(references)) {
    if (reference.length > maxUrlLength || isImageUrl(reference, configuration)) continue;
    const url = loadableUrl(reference, resolveAgainst);
    if (url === undefined) continue;
    counts.set(url.host, (counts.get(url.host) ?? 0) + 1);
    if (hint !== undefined) continue;
    const spelling = otherSpellingOf(url, configuration.schemes);
    if (spelling !== undefined) hint = otherSpellingHint(spelling);
  }
  const hosts = [...counts].map(([host, count]) => ({ host, count })).sort((a, b) => b.count - a.count);
  return { hosts, hint };
}

function referencesIn(body: Buffer): { references: string[]; base: string | undefined } {
  // Any literal would miss the hosts that nobody has named.
  const places = placesOf(body, new LiteralPrefilter(['']));
  const base = places.find(({ name }) => name === '<base href>')?.text.trim();
  return { references: places.flatMap(imagesIn), base };
}

/** Attributes that hold one URL of an image, some of lazy loaders. A `<source src>` is a video's. */
const singleUrls =
  /^<(?:(?:img|amp-img) (?:src|data-src|data-original)|input src|image (?:href|xlink:href)|video poster|(?:body|table|td|th) background)>$/;

/** URLs in CSS. Those of `@import` and of fonts are not images. */
const cssUrl = /(@import\s+)?\burl\(\s*["']?([^\s"'()]+)/gi;

function imagesIn({ name, kind, attribute, text }: PagePlace): string[] {
  if (kind === 'style' || attribute === 'style') {
    return [...text.matchAll(cssUrl)]
      .filter(([, isImport, url]) => isImport === undefined && !/\.(?:woff2?|ttf|otf|eot)\b/i.test(url!))
      .map(([, , url]) => url!);
  }
  if (attribute === undefined) return [];
  if (/^<(?:img|amp-img|source|link) (?:data-)?(?:image)?srcset>$/.test(name))
    return findSrcsetUrls(text).map(({ start, end }) => text.slice(start, end));
  return singleUrls.test(name) ? [text.trim()] : [];
}

/** In JSON and feeds, only the name shows that a URL is an image's. */
function isNamedLikeImage(url: string): boolean {
  return /^[^?#]*\.(?:avif|gif|jpe?g|png|svg|webp)(?:[?#]|$)/i.test(url);
}

/** @returns undefined for what no server is asked for: `data:`, a fragment, no URL at all */
function loadableUrl(reference: string, page: string): URL | undefined {
  if (reference === '' || reference.startsWith('#') || !URL.canParse(reference, page)) return undefined;
  const url = new URL(reference, page);
  const isLoadable = /^https?:$/.test(url.protocol) && url.host.length <= maxHostLength;
  return isLoadable ? url : undefined;
}
