/** Targets and `imagesrcset` parameters in a `Link` header field (RFC 8288, section 3). It knows nothing of URLs. */
import type { Span } from './srcset.ts';

export interface LinkSpan extends Span {
  readonly kind: 'url' | 'srcset';
}

/** Finds them in one field value, which may hold several links; stops where the value is malformed. */
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

/** Reads `name`, `name=token` or `name="…"`; returns where the next `;` or `,` stands. */
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
  const open = at + 1;
  let isPlain = true;
  for (at = open; at < value.length && value[at] !== '"'; at++) {
    if (value[at] === '\\') {
      isPlain = false;
      at++;
    }
  }
  if (name === 'imagesrcset' && isPlain && at < value.length)
    spans.push({ kind: 'srcset', start: open, end: at });
  return skip(value, at + 1, ' \t');
}

function skip(value: string, start: number, characters: string): number {
  let at = start;
  while (at < value.length && characters.includes(value[at]!)) at++;
  return at;
}
