/**
 * Lists the real and apparent image URLs of a page: where each is, and whether `imageSigner` reads that place.
 * It knows no key.
 */

import { unescapeReferences } from '../../html/references.ts';
import type { Configuration } from '../../options/configuration.ts';
import { createDataScanner, createPageScanner, editNestedText } from '../../rewriting/nesting.ts';
import { type ExtraTargets, type HtmlRewriterOptions, noExtraTargets } from '../../rewriting/options.ts';
import { kindOfData, kindOfScript, targetOf } from '../../rewriting/targets.ts';
import { explainUnmatched, resolve } from '../../signer/resolve.ts';
import { findSrcsetUrls } from '../../values/urls.ts';
import { everywhere, type PagePlace, placesOf } from './page-places.ts';

export interface PageUrl {
  readonly url: string;
  /** Whether it is part of a longer JSON string, which is read only if the option `fields` names its member. */
  readonly isPart: boolean;
  /** `<img src>`, `<style>`, `<script>`, `text`, `JSON`, `feed`. */
  readonly place: string;
  /** Whether the middleware reads this place, by default or by the site's options. */
  readonly isRead: boolean;
  /** Whether a browser or a script loads an image from it. Text and form values load none. */
  readonly isLoaded: boolean;
  readonly isCss: boolean;
}

type TextUrl = Pick<PageUrl, 'url' | 'isPart'>;

/** The kind of a body, by its `Content-Type`. */
export type BodyKind = 'html' | 'json' | 'feed' | 'text';

/** @param targets - the site's own places, which the middleware also reads */
export function pageUrlsOf(
  body: Buffer,
  kind: BodyKind,
  configuration: Configuration,
  targets: ExtraTargets = noExtraTargets,
): PageUrl[] {
  const read = readUrls(body, kind, targets);
  const urls = new Map<string, PageUrl>();
  const add = (url: PageUrl): void => {
    if (isImageUrl(url.url, configuration)) urls.set(`${url.place} ${url.url}`, url);
  };
  if (kind !== 'html') {
    const place = kind === 'json' ? 'JSON' : kind;
    for (const found of textUrlsOf(body, kind))
      add({ ...found, place, isRead: read.has(found.url), isLoaded: kind !== 'text', isCss: false });
    return [...urls.values()];
  }
  for (const place of placesOf(body)) {
    // A URL may be in several places of the page: that one was read is not enough.
    const { mayBeRead, isLoaded, isCode, isCss } = traitsOf(place, targets);
    for (const found of urlsIn(place, targets)) {
      // A script may hold the beginning of a URL, and append the rest as it runs.
      const isBeginning = isCode && resolve(found.url, configuration) === 'not-a-delivery-url';
      const isRead = mayBeRead && read.has(found.url);
      add({ ...found, place: place.name, isRead, isLoaded: isLoaded && !isBeginning, isCss });
    }
  }
  return [...urls.values()];
}

const finders = { json: urlsInJson, feed: urlsInFeed, text: urlsInText };

/** All URLs of a body other than HTML, images or not. */
export function textUrlsOf(body: Buffer, kind: Exclude<BodyKind, 'html'>): TextUrl[] {
  return finders[kind](body.toString('utf8'));
}

/**
 * Whether a URL is under a base, or looks like one of Cloudflare Images that `delivery` lacks. A bare base, as in
 * `<link rel="preconnect">`, names no image.
 */
export function isImageUrl(url: string, configuration: Configuration): boolean {
  const bases = configuration.schemes.flatMap(({ namedBases }) => namedBases);
  const names = bases.map(({ authority, path }) =>
    authority === undefined ? path : `//${authority}${path}`,
  );
  const bare = url.replace(/^https?:|\/?(?:[?#].*)?$/gis, '').toLowerCase();
  if (['//imagedelivery.net', ...names].some((name) => name.toLowerCase() === bare)) return false;
  return (
    resolve(url, configuration) !== 'unknown' ||
    explainUnmatched(url, configuration)?.reason === 'not-under-delivery'
  );
}

/** The URLs that the middleware would look at. */
function readUrls(body: Buffer, kind: BodyKind, extraTargets: ExtraTargets): ReadonlySet<string> {
  const urls = new Set<string>();
  const options: HtmlRewriterOptions = {
    map: (url) => void urls.add(url),
    isStable: () => false,
    values: undefined,
    prefilter: everywhere,
    extraTargets,
    rewritesCss: true,
    editText: editNestedText,
    onCached() {},
    onScriptState: undefined,
    onTooLong() {},
  };
  if (kind === 'html') createPageScanner(options, [], 'utf-8').end(body, body.length);
  if (kind === 'json') createDataScanner(options, [], 'json').end(body, body.length);
  return urls;
}

/** Attributes whose URLs are only text, such as form values and tooltips. */
const textAttributes: ReadonlySet<string> = new Set(['alt', 'placeholder', 'title', 'value']);

/**
 * Whether the middleware may read a place of this kind; whether images are loaded from it; whether it is an executable
 * script; and whether a `Content-Security-Policy` with hashes of styles keeps it from being rewritten.
 */
function traitsOf({ name, kind, attribute, type = '', text }: PagePlace, targets: ExtraTargets) {
  if (kind === 'script') {
    const isCode = kindOfScript(type, targets) === undefined;
    return { mayBeRead: !isCode, isLoaded: true, isCode, isCss: false };
  }
  if (attribute === undefined) {
    const isCss = kind === 'style';
    return { mayBeRead: isCss, isLoaded: isCss, isCode: false, isCss };
  }
  const target = targetOf(attribute, targets);
  return {
    mayBeRead: target !== undefined || attribute === 'content' || /^<(?:set|animate)/.test(name),
    isLoaded: !textAttributes.has(attribute),
    isCode: false,
    isCss: target === 'css' || (target === 'data' && kindOfData(text) === 'css'),
  };
}

function urlsIn({ kind, attribute, type = '', text }: PagePlace, targets: ExtraTargets): TextUrl[] {
  if (kind === 'script') {
    const data = kindOfScript(type, targets);
    return data === 'json' ? urlsInJson(text) : data === 'html' ? urlsInMarkup(text) : urlsInText(text);
  }
  if (attribute === undefined) return urlsInText(text);
  const own = targets.attributes.get(attribute);
  if (attribute === 'srcdoc' || own === 'html') return urlsInMarkup(text);
  if (attribute.endsWith('srcset') || own === 'srcset')
    return findSrcsetUrls(text).map(({ start, end }) => ({ url: text.slice(start, end), isPart: false }));
  const whole = text.trim();
  if (isWholeUrl(whole)) return [{ url: whole, isPart: false }];
  return /^[[{]/.test(whole) ? urlsInJson(whole) : urlsInText(whole);
}

/** A URL, or a path after a quote or a parenthesis, up to a character that cannot be in it or usually ends it. */
const urlInText = /(?:https?:)?\/\/[^\s"'`<>\\{}()[\],]+|(?<=["'`(=])\/[^\s"'`<>\\{}()[\],]+/gi;

/** URLs in CSS, code or plain text, with the usual escapes of JSON and JavaScript decoded. */
function urlsInText(text: string): TextUrl[] {
  const plain = text
    .replace(/\\u00([2-7][0-9a-f])/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replaceAll('\\/', '/')
    .replaceAll('\\"', '"');
  return [...new Set(plain.match(urlInText))].map((url) => ({ url, isPart: false }));
}

/** A URL or a path that is the whole value. */
function isWholeUrl(text: string): boolean {
  return /^(?:[a-z]+:)?\/[^\s"'<>{}[\]]*$/i.test(text);
}

/** URLs in the strings of a JSON text. Invalid or too deeply nested JSON counts as plain text. */
function urlsInJson(text: string): TextUrl[] {
  const strings: string[] = [];
  try {
    JSON.parse(text, (_, value: unknown) => void (typeof value === 'string' && strings.push(value)));
  } catch {
    return urlsInText(text);
  }
  return strings.flatMap(urlsInString);
}

function urlsInString(text: string): TextUrl[] {
  if (isWholeUrl(text)) return [{ url: text, isPart: false }];
  const hasMarkup = /<[a-z!]/i.test(text);
  return (hasMarkup ? urlsInMarkup(text) : urlsInText(text)).map(({ url }) => ({ url, isPart: true }));
}

/** URLs in markup, which is escaped once. */
function urlsInMarkup(text: string): TextUrl[] {
  return urlsInText(withoutReferences(text));
}

/** URLs in a feed, whose text may be markup that is escaped again. */
function urlsInFeed(text: string): TextUrl[] {
  return urlsInMarkup(withoutReferences(text));
}

function withoutReferences(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  return Buffer.from(unescapeReferences(bytes, 0, 'attribute', 0).text, 'latin1').toString('utf8');
}
