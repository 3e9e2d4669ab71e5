/**
 * Finds where a page leads: its links, and the hosts of images under no base. If the options lacked a base, the page would
 * otherwise look as if it had no images. It looks only where a browser loads an image.
 */
import type { Configuration } from '../../options/configuration.ts';
import { maxUrlLength } from '../../text/limits.ts';
import { findSrcsetUrls } from '../../values/urls.ts';
import { type PagePlace, placesOf } from './page-places.ts';
import { type BodyKind, isImageUrl, textUrlsOf } from './page-urls.ts';
import { otherSpellingHint } from './stores.ts';

export interface OtherImages {
  /** As `URL` writes them, with the number of different URLs, the largest first. */
  readonly hosts: readonly { readonly host: string; readonly count: number }[];
  /** How to get them signed, if their URLs show it. */
  readonly hint: string | undefined;
}

/** Only a stranger would write a longer host: DNS names have at most 253 characters. */
const maxHostLength = 253;

/** @param page - the address of the page, to resolve its references against */
export function otherImagesOf(
  body: Buffer,
  kind: BodyKind,
  page: string,
  configuration: Configuration,
): OtherImages {
  const references =
    kind === 'html'
      ? referencesIn(body, page, imagesIn)
      : resolved(
          textUrlsOf(body, kind)
            .map(({ url }) => url)
            .filter(isNamedLikeImage),
          page,
        );
  const counts = new Map<string, number>();
  let hint: string | undefined;
  for (const [reference, url] of references) {
    if (url.host.length > maxHostLength || isImageUrl(reference, configuration)) continue;
    counts.set(url.host, (counts.get(url.host) ?? 0) + 1);
    hint ??= otherSpellingHint(url, configuration.schemes);
  }
  const hosts = [...counts].map(([host, count]) => ({ host, count })).sort((a, b) => b.count - a.count);
  return { hosts, hint };
}

/** Visiting these may end the session or delete something. */
const risky = /(?:log|sign)[-_]?(?:out|off)|delete|remove|unsubscribe/i;
/** File names that aren't pages. */
const files = /\.(?:avif|css|gif|gz|ico|jpe?g|js|mp[34]|pdf|png|svg|tar|webm|webp|woff2?|zip)$/i;

/**
 * @param page - the address of the page, to resolve its links against
 * @returns the targets of its `<a>`, without fragments, without other files by their names, and without risky links
 */
export function pageLinksOf(body: Buffer, page: string): string[] {
  const found = referencesIn(body, page, ({ name, text }) => (name === '<a href>' ? [text.trim()] : []));
  const pages = [...found.values()].filter(
    ({ pathname, search }) => !files.test(pathname) && !risky.test(pathname + search),
  );
  return [...new Set(pages.map(({ href }) => href.split('#', 1)[0]!))];
}

/** The references in the places of a page, against its `<base>`. */
function referencesIn(body: Buffer, page: string, find: (place: PagePlace) => readonly string[]) {
  const places = placesOf(body);
  const base = places.find(({ name }) => name === '<base href>')?.text.trim();
  const against = base !== undefined && URL.canParse(base, page) ? new URL(base, page).href : page;
  return resolved(places.flatMap(find), against);
}

/** Only references that cause a request: without `data:`, fragments and invalid URLs. */
function resolved(references: readonly string[], against: string): ReadonlyMap<string, URL> {
  const urls = new Map<string, URL>();
  for (const reference of references) {
    if (/^(?:#|$)/.test(reference) || reference.length > maxUrlLength || !URL.canParse(reference, against))
      continue;
    const url = new URL(reference, against);
    if (/^https?:$/.test(url.protocol)) urls.set(reference, url);
  }
  return urls;
}

/** Attributes with one image URL, including those of lazy loaders. `<source src>` is for videos. */
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
  if (/^<(?:img|amp-img|source|link) (?:data-)?(?:image)?srcset>$/.test(name))
    return findSrcsetUrls(text).map(({ start, end }) => text.slice(start, end));
  return singleUrls.test(name) ? [text.trim()] : [];
}

/** In JSON and feeds, only the name shows that a URL is an image's. */
function isNamedLikeImage(url: string): boolean {
  return /^[^?#]*\.(?:avif|gif|jpe?g|png|svg|webp)(?:[?#]|$)/i.test(url);
}
