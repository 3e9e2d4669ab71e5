/**
 * Lists the image URLs of a page, and what looks like one: where each stands, and whether `imageSigner` reads that place.
 * It knows no key.
 */
import type { Configuration } from '../../options/configuration.ts';
import { LiteralPrefilter, literalOf } from '../../rewriting/literal-prefilter.ts';
import { createDataScanner, createPageScanner, editNestedText } from '../../rewriting/nesting.ts';
import type { HtmlRewriterOptions } from '../../rewriting/options.ts';
import { type ExtraTargets, noExtraTargets } from '../../rewriting/options.ts';
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
  /** Whether the middleware reads this place, by its defaults and the site's own places. */
  readonly isRead: boolean;
  /** Whether a browser, or a script, loads an image by it: it does not for text and form values. */
  readonly isLoaded: boolean;
  readonly isCss: boolean;
}

/** What a body holds, by its `Content-Type`. */
export type BodyKind = 'html' | 'json' | 'feed' | 'text';

const finders = { json: urlsInJson, feed: urlsInFeed, text: urlsInText };

/** @param targets - the site's own places, which the middleware reads as well */
export function pageUrlsOf(
  body: Buffer,
  kind: BodyKind,
  configuration: Configuration,
  targets: ExtraTargets = noExtraTargets,
): PageUrl[] {
  const prefilter = prefilterOf(configuration);
  const urls = new Map<string, PageUrl>();
  const add = (found: PageUrl): void => {
    if (isImageUrl(found.url, configuration)) urls.set(`${found.place} ${found.url}`, found);
  };
  const read = readUrls(body, kind, prefilter, targets);
  if (kind !== 'html') {
    const place = kind === 'json' ? 'JSON' : kind;
    for (const found of textUrlsOf(body, kind)) {
      add({ ...found, place, isRead: read.has(found.url), isLoaded: kind !== 'text', isCss: false });
    }
    return [...urls.values()];
  }
  for (const place of placesOf(body, prefilter)) {
    for (const found of urlsIn(place, targets)) {
      add({
        ...found,
        place: place.name,
        isRead: read.has(found.url) && mayBeRead(place, targets),
        isLoaded: isLoadedFrom(place) && !isPutTogether(found.url, place, configuration, targets),
        isCss: isCss(place, targets),
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
function isPutTogether(
  url: string,
  place: PagePlace,
  configuration: Configuration,
  targets: ExtraTargets,
): boolean {
  return isCode(place, targets) && resolve(url, configuration) === 'not-a-delivery-url';
}

function isCode({ kind, type }: PagePlace, targets: ExtraTargets): boolean {
  return kind === 'script' && kindOfScript(type ?? '', targets) === undefined;
}

/** The URLs that the middleware would look at. */
function readUrls(
  body: Buffer,
  kind: BodyKind,
  prefilter: LiteralPrefilter,
  extraTargets: ExtraTargets,
): Set<string> {
  const urls = new Set<string>();
  if (kind === 'feed' || kind === 'text') return urls;
  const options: HtmlRewriterOptions = {
    map(url) {
      urls.add(url);
      return undefined;
    },
    isStable: () => false,
    values: undefined,
    prefilter,
    extraTargets,
    rewritesCss: true,
    editText: editNestedText,
    onCached() {},
    onScriptState: undefined,
    onTooLong() {},
  };
  const scanner =
    kind === 'html' ? createPageScanner(options, [], 'utf-8') : createDataScanner(options, [], 'json');
  scanner.end(body, body.length);
  return urls;
}

/**
 * Whether the middleware may read a place of this kind. A URL may also stand in other places of the page, so that it is not
 * enough that it was read somewhere.
 */
function mayBeRead({ kind, attribute, name, type }: PagePlace, targets: ExtraTargets): boolean {
  if (kind === 'script') return kindOfScript(type ?? '', targets) !== undefined;
  if (attribute === undefined) return kind === 'style';
  const isOfMeta = attribute === 'content';
  return isOfMeta || /^<(?:set|animate)/.test(name) || targetOf(attribute, targets) !== undefined;
}

/** Attributes in which a URL is only text: the value of a form field, a tooltip. */
const textAttributes: ReadonlySet<string> = new Set(['alt', 'placeholder', 'title', 'value']);

function isLoadedFrom({ kind, attribute }: PagePlace): boolean {
  return kind !== 'text' && !(attribute !== undefined && textAttributes.has(attribute));
}

/** Places that the middleware leaves alone where a `Content-Security-Policy` allows styles by hash. */
function isCss({ kind, attribute, text }: PagePlace, targets: ExtraTargets): boolean {
  if (attribute === undefined) return kind === 'style';
  const target = targetOf(attribute, targets);
  return target === 'css' || (target === 'data' && kindOfData(text) === 'css');
}

function urlsIn({ kind, attribute, type, text }: PagePlace, targets: ExtraTargets): TextUrl[] {
  if (kind === 'script') {
    const data = kindOfScript(type ?? '', targets);
    return data === 'json' ? urlsInJson(text) : data === 'html' ? urlsInMarkup(text) : urlsInText(text);
  }
  if (attribute === undefined) return urlsInText(text);
  const own = targets.attributes.get(attribute);
  if (attribute === 'srcdoc' || own === 'html') return urlsInMarkup(text);
  if (attribute.endsWith('srcset') || own === 'srcset') {
    return findSrcsetUrls(text).map(({ start, end }) => ({ url: text.slice(start, end), isPart: false }));
  }
  const whole = text.trim();
  if (isWholeUrl(whole)) return [{ url: whole, isPart: false }];
  return /^[[{]/.test(whole) ? urlsInJson(whole) : urlsInText(whole);
}
