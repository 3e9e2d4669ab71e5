/** Maps the URLs in the value of a `Link` field; everything else stays unchanged. */
import type { Edit } from '../text/edit.ts';
import type { UnescapedValue } from '../text/unescaped-value.ts';
import { findLinkUrls } from '../values/link.ts';
import { findSrcsetUrls } from '../values/srcset.ts';
import { editUrl, inCandidate, type UrlMapper } from './edit-url.ts';

export function mapLinkHeader(value: string, map: UrlMapper): string {
  const unescaped: UnescapedValue = {
    text: value,
    start: 0,
    offsets: undefined,
    isOpenBefore: () => false,
    escape: (text) => text,
  };
  const edits: Edit[] = [];
  for (const { kind, start, end } of findLinkUrls(value)) {
    const spans = kind === 'url' ? [{ start: 0, end: end - start }] : findSrcsetUrls(value.slice(start, end));
    for (const span of spans) {
      const found = editUrl(
        unescaped,
        start + span.start,
        start + span.end,
        map,
        kind === 'url' ? undefined : inCandidate,
      );
      // The new text must not end the quoted string, the `<…>` or the bare value around the target.
      const ending = kind === 'unquoted-srcset' ? /["\\<>;, \t]/ : /["\\<>]/;
      if (!found.some(({ text }) => ending.test(text))) edits.push(...found);
    }
  }
  let out = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    out += value.slice(at, start) + text;
    at = end;
  }
  return out + value.slice(at);
}
