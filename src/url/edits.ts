/**
 * From one URL of an image to another one of it (with a token or without, in another variant) by as few edits as it
 * takes: one for each parameter, and one for each run of the path that `URL` writes in another way. What stays is not
 * written again, so that it keeps the spelling that its author chose, whatever that has to keep a parser from seeing.
 */
import { type Edit, moveEdit } from '../edit.ts';
import { isTokenParameter } from './token.ts';

/**
 * @param from - a character per byte, as is `to`
 * @param to - the same image's URL, with scheme, host, base and fragment as they are in `from`
 * @returns in order; none reaches into another, and none stands right behind another
 */
export function urlEdits(from: string, to: string): Edit[] {
  const [before, after] = [partsOf(from), partsOf(to)];
  const { query, fragment } = before;
  const edits = [
    ...pathEdits(from.slice(0, query), to.slice(0, after.query)),
    ...queryEdits(from.slice(query, fragment), to.slice(after.query, after.fragment)).map((edit) =>
      moveEdit(edit, query),
    ),
    ...differences(from.slice(fragment), to.slice(after.fragment)).map((edit) => moveEdit(edit, fragment)),
  ];
  return joined(edits);
}

/** Where query and fragment begin, with their `?` and `#`. */
function partsOf(url: string): { readonly query: number; readonly fragment: number } {
  const hash = url.indexOf('#');
  const fragment = hash < 0 ? url.length : hash;
  const question = url.indexOf('?');
  return { query: question < 0 || question > fragment ? fragment : question, fragment };
}

/** Scheme, host and path. Each byte stays or becomes its percent-encoding, as `URL` writes it; the variant may change. */
function pathEdits(from: string, to: string): Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  for (let start = 0; start < from.length; start++) {
    if (from[start] === to[at]) {
      at++;
      continue;
    }
    const encoded = percentEncoded(from.charCodeAt(start));
    if (!to.startsWith(encoded, at)) {
      const rest = differences(from.slice(start), to.slice(at));
      return [...edits, ...rest.map((edit) => moveEdit(edit, start))];
    }
    edits.push({ start, end: start + 1, text: encoded });
    at += encoded.length;
  }
  return at === to.length ? edits : [...edits, { start: from.length, end: from.length, text: to.slice(at) }];
}

function percentEncoded(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Both begin with `?`, or are empty. A parameter that `to` lacks goes with one of its separators. */
function queryEdits(from: string, to: string): Edit[] {
  if (to === '') return from === '' ? [] : [{ start: 0, end: from.length, text: '' }];
  const wanted = to.slice(1).split('&');
  const edits: Edit[] = [];
  let taken = 0;
  let end = 0;
  for (const parameter of from === '' ? [] : from.slice(1).split('&')) {
    const start = end + 1; // behind its separator
    end = start + parameter.length;
    const written = wanted[taken];
    if (isDropped(parameter, written)) {
      // Until one stays, the separator is the one behind it: that before it is the `?`.
      if (taken > 0) edits.push({ start: start - 1, end, text: '' });
      else edits.push({ start, end: Math.min(end + 1, from.length), text: '' });
    } else {
      edits.push(...differences(parameter, written!).map((edit) => moveEdit(edit, start)));
      taken++;
    }
  }
  const added = wanted.slice(taken).join('&');
  if (taken < wanted.length) {
    const separator = taken > 0 ? '&' : from === '' ? '?' : '';
    edits.push({ start: from.length, end: from.length, text: separator + added });
  }
  return edits;
}

/** Whether a parameter is not the one that stands in its place afterwards. Signed queries hold no empty ones. */
function isDropped(parameter: string, written: string | undefined): boolean {
  return written === undefined || isTokenParameter(parameter) || (parameter === '' && written !== '');
}

/** One edit for two texts, without what they begin and end with alike. */
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

function joined(edits: readonly Edit[]): Edit[] {
  const out: Edit[] = [];
  for (const edit of edits) {
    const last = out.at(-1);
    if (last?.end !== edit.start) out.push(edit);
    else out[out.length - 1] = { start: last.start, end: edit.end, text: last.text + edit.text };
  }
  return out;
}
