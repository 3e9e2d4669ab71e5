/** Turns the string values of JSON into edits, for JSON bodies, and for JSON in scripts, attributes and other strings. */
import type { Edit } from '../edit.ts';
import { maxFieldBytes } from '../limits.ts';
import { toSourceEdits } from '../unescaped-value.ts';
import { unescapeJson } from '../values/json-escapes.ts';
import { JsonStringScanner } from '../values/json-scanner.ts';
import { isJsonText } from '../values/json-text.ts';
import { editUrl, isOneUrl, type UrlMapper } from './edit-url.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import type { ExtraTargets, TextKind } from './targets.ts';

/**
 * The edits of a text that holds URLs inside HTML, JSON or Markdown.
 * @param text - one character per byte
 * @param depth - how many texts are around this one
 */
export type EditText = (text: string, kind: TextKind, depth: number) => readonly Edit[];

export interface JsonRewriterOptions {
  readonly map: UrlMapper;
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
      stringValue(bytes, start, end, name) {
        for (const edit of editString(bytes, start, end, name, options, depth)) edits.push(edit);
      },
      tooLong: options.onTooLong,
    },
    at,
    readsNames && isWhole ? maxFieldBytes : undefined,
  );
}

/**
 * The edits of one string, which is [start, end) without its quotes: of the URL that all of it is, or else of the URLs in
 * its HTML, JSON or Markdown, if its member's name is one of `fields`.
 */
function editString(
  bytes: Buffer,
  start: number,
  end: number,
  name: string | undefined,
  { map, prefilter, extraTargets, editText }: JsonRewriterOptions,
  depth: number,
): readonly Edit[] {
  if (prefilter.next(bytes, start, end) >= end) return none;
  const unescaped = unescapeJson(bytes.toString('latin1', start, end), start);
  if (unescaped === undefined) return none;
  const kind = name === undefined ? undefined : extraTargets.fields.get(unescapeName(name));
  const { text } = unescaped;
  const found = isOneUrl(text) ? editUrl(unescaped, 0, text.length, map) : none;
  if (kind === undefined || found.length > 0) return toSourceEdits(found, unescaped);
  return toSourceEdits(editText(text, kind, depth + 1), unescaped);
}

const none: readonly Edit[] = [];

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
