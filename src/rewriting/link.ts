/**
 * Maps the URLs in the value of a `Link` field (RFC 8288, section 3): link targets and `imagesrcset`. It is as lenient as
 * browsers: a link that they cannot read ends at its comma, and the links after it count.
 */
import { applyEdits, asUnescaped, type Edit, type Span } from '../text/edit.ts';
import { findSrcsetUrls } from '../values/urls.ts';
import { editUrl, inCandidate } from './edit-url.ts';
import type { UrlMapper } from './options.ts';

export function mapLinkHeader(value: string, map: UrlMapper): string {
  const unescaped = asUnescaped(value);
  const limited = inCandidate(map);
  const edits: Edit[] = [];
  for (const { kind, start, end } of findLinkUrls(value)) {
    const spans = kind === 'url' ? [{ start: 0, end: end - start }] : findSrcsetUrls(value.slice(start, end));
    for (const span of spans) {
      const found = editUrl(
        unescaped,
        start + span.start,
        start + span.end,
        map,
        kind === 'url' ? undefined : limited,
      );
      // The new text must not end the quoted string, the `<…>` or the bare value around the target.
      const ending = kind === 'unquoted-srcset' ? /["\\<>;, \t]/ : /["\\<>]/;
      if (!found.some(({ text }) => ending.test(text))) edits.push(...found);
    }
  }
  return applyEdits(value, edits);
}

interface LinkSpan extends Span {
  readonly kind: 'url' | 'srcset' | 'unquoted-srcset';
}

/** @param value - may hold several links */
export function findLinkUrls(value: string): LinkSpan[] {
  const spans: LinkSpan[] = [];
  for (let at = skip(value, 0, ' \t,'); at < value.length; at = skip(value, at, ' \t,')) {
    if (value[at] === '<') {
      const close = value.indexOf('>', at);
      if (close < 0) return spans;
      spans.push({ kind: 'url', ...trimmed(value, at + 1, close) });
      at = skip(value, close + 1, ' \t');
      while (value[at] === ';') at = readParameter(value, skip(value, at + 1, ' \t'), spans);
    }
    at = endOfLink(value, at);
  }
  return spans;
}

/** Reads `name`, `name=value` or `name="…"`, and returns the index of the `;` or `,` after it. */
function readParameter(value: string, start: number, spans: LinkSpan[]): number {
  let at = endOf(value, start, '=;, \t');
  const isSrcset = value.slice(start, at).toLowerCase() === 'imagesrcset';
  at = skip(value, at, ' \t');
  if (value[at] !== '=') return at;
  at = skip(value, at + 1, ' \t');
  if (value[at] !== '"') {
    const end = endOf(value, at, ';,');
    if (isSrcset) spans.push({ kind: 'unquoted-srcset', ...trimmed(value, at, end) });
    return end;
  }
  const end = endOfQuoted(value, at);
  const isPlain = end < value.length && !value.slice(at, end).includes('\\');
  if (isSrcset && isPlain) spans.push({ kind: 'srcset', start: at + 1, end });
  return skip(value, end + 1, ' \t');
}

/** The index of the comma that ends a link. Commas within `"…"` or `<…>` do not. */
function endOfLink(value: string, start: number): number {
  let at = start;
  while (at < value.length && value[at] !== ',') {
    if (value[at] === '"') at = endOfQuoted(value, at) + 1;
    else if (value[at] === '<') at = endOf(value, at, '>') + 1;
    else at++;
  }
  return at;
}

/** The index of the closing quote of a quoted string; at least the length of the value without one. */
function endOfQuoted(value: string, start: number): number {
  let at = start + 1;
  while (at < value.length && value[at] !== '"') at += value[at] === '\\' ? 2 : 1;
  return at;
}

function trimmed(value: string, start: number, end: number): Span {
  const first = Math.min(skip(value, start, ' \t'), end);
  let last = end;
  while (last > first && ' \t'.includes(value[last - 1]!)) last--;
  return { start: first, end: last };
}

function endOf(value: string, start: number, characters: string): number {
  let at = start;
  while (at < value.length && !characters.includes(value[at]!)) at++;
  return at;
}

function skip(value: string, start: number, characters: string): number {
  let at = start;
  while (at < value.length && characters.includes(value[at]!)) at++;
  return at;
}
