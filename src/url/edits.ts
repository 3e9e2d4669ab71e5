/**
 * The edits between two URLs of one image: with a token or without, or in another variant. They replace only differences: the rest
 * keeps the author's escapes, which may hide a character from the page's parser.
 */
import { type Edit, moveEdit } from '../text/edit.ts';
import { formDecode } from './percent-encoding.ts';
import { isTokenParameter } from './token-parameters.ts';

/**
 * @param from - a character per byte, as in `to`
 * @param to - a URL of the same image, with the scheme, host, base and fragment of `from`
 * @returns in order; edits neither overlap nor touch
 */
export function urlEdits(from: string, to: string): Edit[] {
  const [before, after] = [offsetsOf(from), offsetsOf(to)];
  const { query, fragment } = before;
  const edits = [
    ...pathEdits(from.slice(0, query), to.slice(0, after.query)),
    ...queryEdits(from.slice(query, fragment), to.slice(after.query, after.fragment)).map((edit) =>
      moveEdit(edit, query),
    ),
    ...differences(from.slice(fragment), to.slice(after.fragment)).map((edit) => moveEdit(edit, fragment)),
  ];
  return joinAdjacent(edits);
}

/** Offsets of query and fragment, at their `?` and `#`. */
function offsetsOf(url: string): { readonly query: number; readonly fragment: number } {
  const hash = url.indexOf('#');
  const fragment = hash < 0 ? url.length : hash;
  const question = url.indexOf('?');
  return { query: question < 0 || question > fragment ? fragment : question, fragment };
}

/** Scheme, host and path. `URL` keeps or percent-encodes each byte; the variant may be another one. */
function pathEdits(from: string, to: string): Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  for (let start = 0; start < from.length; start++) {
    if (from[start] === to[at]) {
      at++;
      continue;
    }
    const end = endOfEncoded(from, start, to, at);
    if (end === start) {
      const rest = differences(from.slice(start), to.slice(at));
      return [...edits, ...rest.map((edit) => moveEdit(edit, start))];
    }
    const next = at + 3 * (end - start);
    edits.push({ start, end, text: to.slice(at, next) });
    at = next;
    start = end - 1;
  }
  return at === to.length ? edits : [...edits, { start: from.length, end: from.length, text: to.slice(at) }];
}

/** The end of the bytes from `start` on that are percent-encoded in `to` from `at` on. */
function endOfEncoded(from: string, start: number, to: string, at: number): number {
  let end = start;
  for (let next = at; end < from.length && from[end] !== to[next]; end++, next += 3)
    if (!to.startsWith(percentEncoded[from.charCodeAt(end)]!, next)) break;
  return end;
}

const percentEncoded: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

/** Both queries begin with `?`, or are empty. A removed parameter takes one of its separators along. */
function queryEdits(from: string, to: string): Edit[] {
  if (to === '') return from === '' ? [] : [{ start: 0, end: from.length, text: '' }];
  const target = to.slice(1).split('&');
  const isKept = lookupOf(target);
  const edits: Edit[] = [];
  let kept = 0;
  let end = 0;
  for (const parameter of from === '' ? [] : from.slice(1).split('&')) {
    const start = end + 1; // after its separator
    end = start + parameter.length;
    const replacement = target[kept];
    if (replacement === undefined || isRemoved(parameter, replacement, isKept)) {
      // Before the first kept parameter, remove the separator after it: the one before it is the `?`.
      if (kept > 0) edits.push({ start: start - 1, end, text: '' });
      else edits.push({ start, end: Math.min(end + 1, from.length), text: '' });
    } else {
      edits.push(...differences(parameter, replacement).map((edit) => moveEdit(edit, start)));
      kept++;
    }
  }
  const added = target.slice(kept).join('&');
  if (kept < target.length) {
    const separator = kept > 0 ? '&' : from === '' ? '?' : '';
    edits.push({ start: from.length, end: from.length, text: separator + added });
  }
  return edits;
}

/** Signed queries contain no empty parameter, so that an empty one is removed. */
function isRemoved(parameter: string, replacement: string, isKept: (parameter: string) => boolean): boolean {
  if (isTokenParameter(parameter) || (parameter === '' && replacement !== '')) return true;
  return parameter !== replacement && !isKept(parameter);
}

/** Whether one of the parameters is this one, in any spelling. */
function lookupOf(parameters: readonly string[]): (parameter: string) => boolean {
  let decoded: Set<string> | undefined;
  return (parameter) => {
    decoded ??= new Set(parameters.map(decodeParameter));
    return decoded.has(decodeParameter(parameter));
  };
}

/** @param parameter - a character per byte */
function decodeParameter(parameter: string): string {
  const escaped = parameter.replace(/[^\0-\x7f]/g, (byte) => percentEncoded[byte.charCodeAt(0)]!);
  return formDecode(escaped).replace(/=$/, '');
}

/** One edit for two texts, without their common prefix and suffix. */
function differences(from: string, to: string): Edit[] {
  if (from === to) return [];
  const shorter = Math.min(from.length, to.length);
  let prefix = 0;
  while (prefix < shorter && from.charCodeAt(prefix) === to.charCodeAt(prefix)) prefix++;
  let suffix = 0;
  while (
    suffix < shorter - prefix &&
    from.charCodeAt(from.length - 1 - suffix) === to.charCodeAt(to.length - 1 - suffix)
  ) {
    suffix++;
  }
  return [{ start: prefix, end: from.length - suffix, text: to.slice(prefix, to.length - suffix) }];
}

/** Two edits that touch become one. */
function joinAdjacent(edits: readonly Edit[]): Edit[] {
  const out: Edit[] = [];
  for (const edit of edits) {
    const last = out.at(-1);
    if (last?.end !== edit.start) out.push(edit);
    else out[out.length - 1] = { start: last.start, end: edit.end, text: last.text + edit.text };
  }
  return out;
}
