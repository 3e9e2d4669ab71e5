/** Turns the string values of JSON into edits, for JSON bodies, and for JSON in scripts, attributes and other strings. */
import { BACKSLASH } from '../text/ascii.ts';
import type { Edit } from '../text/edit.ts';
import { maxFieldBytes } from '../text/limits.ts';
import { toSourceEdits, type UnescapedValue } from '../text/unescaped-value.ts';
import { unescapeJson } from '../values/json-escapes.ts';
import { JsonStringScanner } from '../values/json-scanner.ts';
import { isJsonText } from '../values/json-text.ts';
import { editValue, tellSpaceInPath, type UrlMapping } from './edit-url.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import type { ExtraTargets, TextKind } from './targets.ts';

/**
 * The edits of a text that holds URLs inside HTML, JSON or Markdown.
 * @param text - one character per byte
 * @param depth - how many texts are around this one
 */
export type EditText = (text: string, kind: TextKind, depth: number) => readonly Edit[];

export interface JsonRewriterOptions extends UrlMapping {
  readonly prefilter: LiteralPrefilter;
  readonly extraTargets: ExtraTargets;
  readonly editText: EditText;
  readonly onTooLong: () => void;
}

/** Where JSON is: behind how many bytes, inside how many other texts, and whether all of it comes in one call. */
export interface JsonPosition {
  readonly at: number;
  readonly depth: number;
  readonly isWhole: boolean;
}

/** Creates a scanner that adds the changes of JSON to `edits`. */
export function createJsonScanner(
  options: JsonRewriterOptions,
  edits: Edit[],
  { at, depth, isWhole }: JsonPosition,
): JsonStringScanner {
  const { fields } = options.extraTargets;
  const readsNames = fields.size > 0;
  return new JsonStringScanner(
    {
      readsNames,
      readsName: isNearlySrcset,
      stringValue(bytes, start, end, name) {
        for (const edit of editString(bytes, start, end, name, options, depth)) edits.push(edit);
      },
      tooLong: options.onTooLong,
    },
    at,
    readsNames && isWhole ? maxFieldBytes : undefined,
  );
}

/** The edits of one string, which is [start, end) without its quotes. */
function editString(
  bytes: Buffer,
  start: number,
  end: number,
  name: string | undefined,
  options: JsonRewriterOptions,
  depth: number,
): readonly Edit[] {
  if (options.prefilter.next(bytes, start, end) >= end) return none;
  const unescaped = unescapeJson(bytes.toString('latin1', start, end), start);
  if (unescaped === undefined) return none;
  options.place?.in('JSON');
  const member = name === undefined ? undefined : unescapeName(name);
  return toSourceEdits(editMember(unescaped, member, options, depth), unescaped);
}

/**
 * The edits of a string without its escapes. If the name of its member is one of `fields`, its URLs are those in its HTML, JSON
 * or Markdown. Otherwise the whole string is a URL, or image candidates, or is left alone.
 * @param member - the name, with one character per byte; undefined for an item of an array
 */
export function editMember(
  unescaped: UnescapedValue,
  member: string | undefined,
  options: JsonRewriterOptions,
  depth: number,
): readonly Edit[] {
  const { extraTargets, editText } = options;
  const kind = member === undefined ? undefined : extraTargets.fields.get(member);
  const found = kind === undefined ? none : editText(unescaped.text, kind, depth + 1);
  if (found.length > 0) return found;
  const own = editValue(unescaped, member !== undefined && isSrcsetName(member), options);
  if (own.length === 0 && kind === undefined) tellSpaceInPath(unescaped.text, options);
  return own;
}

const none: readonly Edit[] = [];

/** Whether a member of this name may hold image candidates. */
function isSrcsetName(name: string): boolean {
  return /srcset$/i.test(name);
}

/** Whether a name may end in `srcset`, by its last letters: they may be escapes such as `\u0074`. */
function isNearlySrcset(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 'srcset'.length) return false;
  const isEscaped = bytes[end - 6] === BACKSLASH;
  if (!isEscaped && (bytes[end - 1]! | 0x20) !== 0x74) return false;
  const before = bytes[end - (isEscaped ? 7 : 2)]!;
  return (before | 0x20) === 0x65 || before === 0x35; // `e`, or the last digit of its escape
}

function unescapeName(name: string): string {
  return name.includes('\\') ? (unescapeJson(name, 0)?.text ?? name) : name;
}

/** The edits of JSON that is there as a whole; none for text that is not JSON. */
export function editJson(text: string, options: JsonRewriterOptions, depth: number): readonly Edit[] {
  if (!isJsonText(text)) return none;
  const edits: Edit[] = [];
  const bytes = Buffer.from(text, 'latin1');
  createJsonScanner(options, edits, { at: 0, depth, isWhole: true }).end(bytes, bytes.length);
  return edits;
}
