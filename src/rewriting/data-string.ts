/** Maps one string of data as the same string is mapped in JSON, without writing the JSON. */

import type { Edit } from '../text/edit.ts';
import { maxFieldBytes, maxUrlLength } from '../text/limits.ts';
import { asUnescaped, toSourceEdits } from '../text/unescaped-value.ts';
import { unescapeJson } from '../values/json-escapes.ts';
import { optimizerMarker } from '../values/next-image.ts';
import { bytesOfText, isAscii } from './edit-url.ts';
import { editMember, type JsonRewriterOptions } from './json-rewriter.ts';

/**
 * @param name - of its member; undefined for an item of an array
 * @returns undefined if it stays
 */
export function mapString(
  value: string,
  name: string | undefined,
  options: JsonRewriterOptions,
): string | undefined {
  if (!options.prefilter.isIn(value)) return undefined;
  if (value.length > maxFieldBytes) {
    options.onTooLong();
    return undefined;
  }
  options.place?.in('data');
  const { fields } = options.extraTargets;
  const isText = fields.size > 0 && name !== undefined && fields.has(bytesOfText(name));
  if (!isText && isPlainUrl(value)) return mapPlainUrl(value, options);
  const member = name === undefined ? undefined : bytesOfText(name);
  if (!value.isWellFormed()) return mapInJson(value, member, options);
  const text = bytesOfText(value);
  const edits = editMember(asUnescaped(text), member, options, 0);
  return edits.length === 0 ? undefined : fromBytes(apply(text, edits));
}

/** All that a URL may hold, but for what is not ASCII, and for the URL of an image optimizer, which holds another one. */
function isPlainUrl(value: string): boolean {
  return value.length <= maxUrlLength && /^[!#-;=?-_a-~]+$/.test(value) && !value.includes(optimizerMarker);
}

/** What the edits of such a URL come to. */
function mapPlainUrl(url: string, { map, hasTextBehindToken }: JsonRewriterOptions): string | undefined {
  const mapped = hasTextBehindToken?.(url) ? undefined : map(url);
  if (mapped === undefined || mapped === url) return undefined;
  return mapped.endsWith(' ') ? `${mapped.slice(0, -1)}%20` : mapped;
}

/** Half a surrogate pair, as where an excerpt was cut, has no UTF-8. In JSON it is an escape. */
function mapInJson(
  value: string,
  member: string | undefined,
  options: JsonRewriterOptions,
): string | undefined {
  const source = bytesOfText(JSON.stringify(value).slice(1, -1));
  const unescaped = unescapeJson(source, 0)!; // `stringify` has escaped it
  const edits = toSourceEdits(editMember(unescaped, member, options, 0), unescaped);
  return edits.length === 0 ? undefined : (JSON.parse(`"${fromBytes(apply(source, edits))}"`) as string);
}

function apply(text: string, edits: readonly Edit[]): string {
  let out = '';
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return out + text.slice(from);
}

function fromBytes(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
}
