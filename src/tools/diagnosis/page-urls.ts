/**
 * Lists the image URLs of a page, and what looks like one: where each stands, and whether `imageSigner` reads that place.
 * It knows no key.
 */
import type { Configuration } from '../../options/configuration.ts';
import { LiteralPrefilter, literalOf } from '../../rewriting/literal-prefilter.ts';
import { createPageScanner, type RewriterOptions } from '../../rewriting/rewriter.ts';
import { noExtraTargets } from '../../rewriting/rewriter-options.ts';
import { kindOfData, kindOfScript, targetOf } from '../../rewriting/targets.ts';
import { cloudflareLiteral } from '../../schemes/cloudflare-images/delivery-url.ts';
import { explainUnmatched, resolve } from '../../signer/resolve.ts';
import type { Base } from '../../url/base.ts';
import { findSrcsetUrls } from '../../values/urls.ts';
import { type PagePlace, placesOf } from './page-places.ts';
import { isWholeUrl, type TextUrl, urlsInFeed, urlsInJson, urlsInMarkup, urlsInText } from './text-urls.ts';

export interface PageUrl extends TextUrl {
  /** `<img src>`, `<style>`, `<script>`, `text`, `JSON`, `feed`. */
  readonly place: string;
  /** Whether the middleware reads this place by its defaults. */
  readonly isRead: boolean;
  /** Whether a browser, or a script, loads an image by it: it does not for text and form values. */
  readonly isLoaded: boolean;
  readonly isCss: boolean;
}

/** What a body holds, by its `Content-Type`. */
export type BodyKind = 'html' | 'json' | 'feed' | 'text';

const finders = { json: urlsInJson, feed: urlsInFeed, text: urlsInText };

export function pageUrlsOf(body: Buffer, kind: BodyKind, configuration: Configuration): PageUrl[] {
  const prefilter = prefilterOf(configuration);
  const urls = new Map<string, PageUrl>();
  const add = (found: PageUrl): void => {
    if (isImageUrl(found.url, configuration)) urls.set(`${found.place} ${found.url}`, found);
  };
  if (kind !== 'html') {
    const place = kind === 'json' ? 'JSON' : kind;
    for (const found of textUrlsOf(body, kind)) {
      const isRead = kind === 'json' && !found.isPart;
      add({ ...found, place, isRead, isLoaded: kind !== 'text', isCss: false });
    }
    return [...urls.values()];
  }
  const read = readUrls(body, prefilter);
  for (const place of placesOf(body, prefilter)) {
    for (const found of urlsIn(place)) {
      add({
        ...found,
        place: place.name,
        isRead: read.has(found.url) && mayBeRead(place),
        isLoaded: isLoadedFrom(place) && !isPutTogether(found.url, place, configuration),
        isCss: isCss(place),
      });
    }
  }
  return [...urls.values()];
}

/** All URLs of a body that is no HTML, images or not. */
export function textUrlsOf(body: Buffer, kind: Exclude<BodyKind, 'html'>): TextUrl[] {
  return finders[kind](body.toString('utf8'));
}

/** It also finds the URLs of Cloudflare Images that no base of `delivery` matches. */
function prefilterOf({ schemes }: Configuration): LiteralPrefilter {
  const literals = schemes.flatMap(({ namedBases }) =>
    namedBases.map(({ authority, path }) => literalOf(authority, path)),
  );
  return new LiteralPrefilter([...literals, cloudflareLiteral]);
}

/**
 * Whether a URL is under a base, or looks like one of Cloudflare Images that `delivery` lacks. The bare base itself names no
 * image.
 */
export function isImageUrl(url: string, configuration: Configuration): boolean {
  const bases = configuration.schemes.flatMap((scheme) => scheme.namedBases);
  if (isBareBase(url, bases)) return false;
  if (resolve(url, configuration) !== 'unknown') return true;
  return explainUnmatched(url, configuration)?.reason === 'not-under-delivery';
}

/** Whether the URL ends with the base, as that of `<link rel="preconnect">` does. */
function isBareBase(url: string, bases: readonly Base[]): boolean {
  const bare = url
    .replace(/^https?:/i, '')
    .replace(/\/?(?:[?#].*)?$/s, '')
    .toLowerCase();
  return (
    bare === '//imagedelivery.net' ||
    bases.some(
      ({ authority, path }) =>
        bare === `${authority === undefined ? '' : `//${authority}`}${path}`.toLowerCase(),
    )
  );
}

/** A script may hold the beginning of a URL, and put the rest on as it runs. */
function isPutTogether(url: string, place: PagePlace, configuration: Configuration): boolean {
  return isCode(place) && resolve(url, configuration) === 'not-a-delivery-url';
}

function isCode({ kind, type }: PagePlace): boolean {
  return kind === 'script' && kindOfScript(type ?? '', noExtraTargets) === undefined;
}

/** The URLs that the middleware would look at. */
function readUrls(page: Buffer, prefilter: LiteralPrefilter): Set<string> {
  const urls = new Set<string>();
  const options: RewriterOptions = {
    map(url) {
      urls.add(url);
      return undefined;
    },
    isStable: () => false,
    values: undefined,
    prefilter,
    extraTargets: noExtraTargets,
    rewritesCss: true,
    onCached() {},
    onScriptState: undefined,
    onTooLong() {},
  };
  createPageScanner(options, [], 'utf-8').end(page, page.length);
  return urls;
}

/**
 * Whether the middleware may read a place of this kind. A URL may also stand in other places of the page, so that it is not
 * enough that it was read somewhere.
 */
function mayBeRead({ kind, attribute, name, type }: PagePlace): boolean {
  if (kind === 'script') return kindOfScript(type ?? '', noExtraTargets) !== undefined;
  if (attribute === undefined) return kind === 'style';
  const isOfMeta = attribute === 'content';
  return isOfMeta || /^<(?:set|animate)/.test(name) || targetOf(attribute, noExtraTargets) !== undefined;
}

/** Attributes in which a URL is only text: the value of a form field, a tooltip. */
const textAttributes: ReadonlySet<string> = /* @__PURE__ */ new Set(['alt', 'placeholder', 'title', 'value']);

function isLoadedFrom({ kind, attribute }: PagePlace): boolean {
  return kind !== 'text' && !(attribute !== undefined && textAttributes.has(attribute));
}

/** Places that the middleware leaves alone where a `Content-Security-Policy` allows styles by hash. */
function isCss({ kind, attribute, text }: PagePlace): boolean {
  if (attribute === undefined) return kind === 'style';
  const target = targetOf(attribute, noExtraTargets);
  return target === 'css' || (target === 'data' && kindOfData(text) === 'css');
}

function urlsIn({ kind, attribute, type, text }: PagePlace): TextUrl[] {
  if (kind === 'script') {
    const data = kindOfScript(type ?? '', noExtraTargets);
    return data === 'json' ? urlsInJson(text) : data === 'html' ? urlsInMarkup(text) : urlsInText(text);
  }
  if (attribute === undefined) return urlsInText(text);
  if (attribute === 'srcdoc') return urlsInMarkup(text);
  if (attribute.endsWith('srcset')) {
    return findSrcsetUrls(text).map(({ start, end }) => ({ url: text.slice(start, end), isPart: false }));
  }
  const whole = text.trim();
  if (isWholeUrl(whole)) return [{ url: whole, isPart: false }];
  return /^[[{]/.test(whole) ? urlsInJson(whole) : urlsInText(whole);
}
