/** Finds link targets and `imagesrcset` parameters in a `Link` field value (RFC 8288, section 3). */
import type { Span } from './srcset.ts';

export interface LinkSpan extends Span {
  readonly kind: 'url' | 'srcset';
}

/** @param value - may hold several links; nothing is found after the first malformed one */
export function findLinkUrls(value: string): LinkSpan[] {
  const spans: LinkSpan[] = [];
  let at = 0;
  while (at < value.length) {
    at = skip(value, at, ' \t,');
    if (value[at] !== '<') return spans;
    const close = value.indexOf('>', at);
    if (close < 0) return spans;
    spans.push({ kind: 'url', start: at + 1, end: close });
    at = skip(value, close + 1, ' \t');
    while (value[at] === ';') at = readParameter(value, skip(value, at + 1, ' \t'), spans);
  }
  return spans;
}

/** Reads `name`, `name=token` or `name="…"`, and returns the index of the `;` or `,` after it. */
function readParameter(value: string, start: number, spans: LinkSpan[]): number {
  let at = start;
  while (at < value.length && !'=;, \t'.includes(value[at]!)) at++;
  const name = value.slice(start, at).toLowerCase();
  at = skip(value, at, ' \t');
  if (value[at] !== '=') return at;
  at = skip(value, at + 1, ' \t');
  if (value[at] !== '"') {
    while (at < value.length && !';,'.includes(value[at]!)) at++;
    return at;
  }
  const contentStart = at + 1;
  let hasEscapes = false;
  for (at = contentStart; at < value.length && value[at] !== '"'; at++) {
    if (value[at] === '\\') {
      hasEscapes = true;
      at++;
    }
  }
  if (name === 'imagesrcset' && !hasEscapes && at < value.length)
    spans.push({ kind: 'srcset', start: contentStart, end: at });
  return skip(value, at + 1, ' \t');
}

function skip(value: string, start: number, characters: string): number {
  let at = start;
  while (at < value.length && characters.includes(value[at]!)) at++;
  return at;
}
