/** Edits the strings of JSON: in bodies, scripts, attributes and other strings, and in data before it is serialized. */
import { BACKSLASH } from '../text/ascii.ts';
import { applyEdits, asUnescaped, type Edit, toSourceEdits, type UnescapedValue } from '../text/edit.ts';
import { maxFieldBytes, maxUrlLength } from '../text/limits.ts';
import { unescapeJson } from '../values/json-escapes.ts';
import { JsonStringScanner } from '../values/json-scanner.ts';
import { isJsonText } from '../values/json-text.ts';
import { optimizerMarker } from '../values/next-image.ts';
import { bytesOfText, editValue, isAscii, reportSpaceInPath } from './edit-url.ts';
import type { HtmlRewriterOptions } from './options.ts';

/** Where the JSON begins, how many texts surround it, and whether all of it comes in one call. */
interface JsonPosition {
  readonly at: number;
  readonly depth: number;
  readonly isWhole: boolean;
}

/** Creates a scanner that adds the changes of JSON to `edits`. */
export function createJsonScanner(
  options: HtmlRewriterOptions,
  edits: Edit[],
  { at, depth, isWhole }: JsonPosition,
): JsonStringScanner {
  const { fields } = options.extraTargets;
  const readsNames = fields.size > 0;
  return new JsonStringScanner(
    {
      readsNames: readsNames || options.onUnreadString !== undefined,
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

/** The edits of one string; [start, end) excludes its quotes. */
function editString(
  bytes: Buffer,
  start: number,
  end: number,
  name: string | undefined,
  options: HtmlRewriterOptions,
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
 * The edits of an unescaped string. If `fields` names its member, it is read as HTML, JSON or another text. Otherwise the whole string
 * is a URL, or image candidates, or stays.
 * @param member - the name, with one character per byte; undefined for an item of an array
 */
function editMember(
  unescaped: UnescapedValue,
  member: string | undefined,
  options: HtmlRewriterOptions,
  depth: number,
): readonly Edit[] {
  const { extraTargets, editText } = options;
  const kind = member === undefined ? undefined : extraTargets.fields.get(member);
  const found = kind === undefined ? none : editText(unescaped.text, kind, depth + 1, options);
  if (found.length > 0) return found;
  const own = editValue(unescaped, member !== undefined && isSrcsetName(member), options);
  if (own.length === 0 && kind === undefined) {
    reportSpaceInPath(unescaped.text, options);
    options.onUnreadString?.(unescaped.text, member);
  }
  return own;
}

const none: readonly Edit[] = [];

/** Whether a member with this name may contain image candidates. */
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

/** The edits of a complete JSON text; none for a text that is not JSON. */
export function editJson(text: string, options: HtmlRewriterOptions, depth: number): readonly Edit[] {
  if (!isJsonText(text)) return none;
  const edits: Edit[] = [];
  const bytes = Buffer.from(text, 'latin1');
  createJsonScanner(options, edits, { at: 0, depth, isWhole: true }).end(bytes, bytes.length);
  return edits;
}

/**
 * Maps one string of data like the same string in JSON, without serializing it.
 * @param name - its member; undefined for an item of an array
 * @returns undefined if it stays
 */
export function mapString(
  value: string,
  name: string | undefined,
  options: HtmlRewriterOptions,
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
  return edits.length === 0 ? undefined : fromBytes(applyEdits(text, edits));
}

/** Whether a value is an ASCII URL, but not an image optimizer's, which contains another URL. */
function isPlainUrl(value: string): boolean {
  return value.length <= maxUrlLength && /^[!#-;=?-_a-~]+$/.test(value) && !value.includes(optimizerMarker);
}

/** Has the same result as the edits of a plain URL. */
function mapPlainUrl(url: string, { map, hasTextBehindToken }: HtmlRewriterOptions): string | undefined {
  const mapped = hasTextBehindToken?.(url) ? undefined : map(url);
  if (mapped === undefined || mapped === url) return undefined;
  return mapped.endsWith(' ') ? `${mapped.slice(0, -1)}%20` : mapped;
}

/** For a value with a lone surrogate, such as a cut excerpt: UTF-8 cannot express it, but a JSON escape can. */
function mapInJson(
  value: string,
  member: string | undefined,
  options: HtmlRewriterOptions,
): string | undefined {
  const source = bytesOfText(JSON.stringify(value).slice(1, -1));
  const unescaped = unescapeJson(source, 0)!; // `stringify` has escaped it
  const edits = toSourceEdits(editMember(unescaped, member, options, 0), unescaped);
  return edits.length === 0 ? undefined : (JSON.parse(`"${fromBytes(applyEdits(source, edits))}"`) as string);
}

function fromBytes(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
}
