/**
 * Lists the image URLs of a page, and what looks like one: where each stands, and whether `imageSigner` reads that place.
 * It knows no key.
 */
import type { Configuration } from '../options/configuration.ts';
import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import { createPageScanner, type RewriterOptions } from '../rewriting/rewriter.ts';
import { kindOfScript, noExtraTargets, targetOf } from '../rewriting/targets.ts';
import { matchDelivery } from '../url/delivery.ts';
import { cloudflareLiteral, explainUnmatched } from '../url/unmatched.ts';
import { findSrcsetUrls } from '../values/srcset.ts';
import { type PagePlace, placesOf } from './page-places.ts';

export interface PageUrl {
  /** As written, with escapes decoded. */
  readonly url: string;
  /** `<img src>`, `<style>`, `<script>`, `text`, `JSON`, `feed`. */
  readonly place: string;
  /** Whether the middleware reads this place by its defaults. */
  readonly isRead: boolean;
  /** Whether a browser, or a script, loads an image by it: it does not for text and form values. */
  readonly isLoaded: boolean;
}

/** What a body holds, by its `Content-Type`. */
export type BodyKind = 'html' | 'json' | 'feed' | 'text';

export function pageUrlsOf(body: Buffer, kind: BodyKind, configuration: Configuration): PageUrl[] {
  const prefilter = prefilterOf(configuration);
  const urls = new Map<string, PageUrl>();
  const add = (url: string, place: string, isRead: boolean, isLoaded: boolean): void => {
    if (isImageUrl(url, configuration)) urls.set(`${place} ${url}`, { url, place, isRead, isLoaded });
  };
  if (kind !== 'html') {
    const place = kind === 'json' ? 'JSON' : kind;
    for (const url of urlsInText(body.toString('utf8'))) add(url, place, kind === 'json', kind !== 'text');
    return [...urls.values()];
  }
  const read = readUrls(body, prefilter);
  for (const place of placesOf(body, prefilter)) {
    const isLoaded = isLoadedFrom(place);
    for (const url of urlsIn(place)) add(url, place.name, read.has(url) && mayBeRead(place), isLoaded);
  }
  return [...urls.values()];
}

/** It also finds the URLs of Cloudflare Images that no base of `delivery` matches. */
function prefilterOf({ bases }: Configuration): LiteralPrefilter {
  const literals = bases.map(({ authority, path }) => literalOf(authority, path));
  return new LiteralPrefilter([...literals, cloudflareLiteral]);
}

function isImageUrl(url: string, { bases }: Configuration): boolean {
  return (
    matchDelivery(url, bases) !== undefined || explainUnmatched(url, bases).reason === 'not-under-delivery'
  );
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

function urlsIn({ kind, attribute, text }: PagePlace): Iterable<string> {
  if (kind !== 'attribute') return urlsInText(text);
  if (attribute?.endsWith('srcset')) {
    return findSrcsetUrls(text).map(({ start, end }) => text.slice(start, end));
  }
  const whole = text.trim();
  // A path that is a whole value, or a URL with what would end it in a text.
  return /^(?:[a-z]+:)?\/[^\s"'<>{}[\]]*$/i.test(whole) ? [whole] : urlsInText(whole);
}

/** A URL, or a path behind a quote or a parenthesis, up to what cannot be in one or usually ends it. */
const urlInText = /(?:https?:)?\/\/[^\s"'`<>\\{}()[\],]+|(?<=["'`(=])\/[^\s"'`<>\\{}()[\],]+/gi;

/** URLs in CSS, JSON, code or plain text, with the usual escapes of JSON and JavaScript decoded. */
function urlsInText(text: string): Iterable<string> {
  const plain = text
    .replace(/\\u00([2-7][0-9a-f])/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replaceAll('\\/', '/')
    .replaceAll('\\"', '"');
  return new Set(plain.match(urlInText) ?? []);
}
